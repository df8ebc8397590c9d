/** The made-up product, tested and released as a whole. */

import type { CompareView, MembershipDry, ReleasingView } from '../api/wire';
import type { Answers } from './fakeHost';
import { ago, brief, done, no, yes } from './make';

const web = { id: 'web', name: 'web' };
const api = { id: 'api', name: 'api' };
const billing = { id: 'billing', name: 'billing' };
const settled = no(['test.settled', 'The outcome of this test is known.', 'Begin another test.']);
const builds = [brief('2.8.0'), brief('2.8.1', 'api')];

export const releasing: ReleasingView = {
  product: 'harbour',
  test_stage: { key: 'acceptance', name: 'Acceptance' },
  rule: { services: ['web', 'api'], prefix: null },
  members: [web, api],
  tests: [
    { id: 't3', stage: 'acceptance', builds, by: 'Signalbox', at: ago(34), state: 'unknown', summary: 'The answer was lost.', left_out: [], has_log: false, settle: yes('tester') },
    {
      id: 't2', stage: 'acceptance', builds, by: 'Signalbox', at: ago(1_474), state: 'succeeded', summary: '412 of 412 passed', has_log: true, settle: settled,
      left_out: [{ service: api, build: '2.8.1', reason: 'Its gate is open for a person’s approval, too.' }],
    },
    { id: 't1', stage: 'acceptance', builds: [], by: 'Priya Raman', at: ago(2_914), state: 'failed', summary: '9 of 412 failed', left_out: [], has_log: false, settle: settled },
  ],
  change: yes('release-manager'),
  record_test: yes('tester'),
  test_pipeline: { connection: 'c1', connection_name: 'this machine', pipeline: 'nightly' },
  bind_test: yes('release-manager'),
  trigger: { cron: '30 2 * * 1-5', zone: 'Europe/Berlin', next: ['2026-11-23T01:30:00.000Z', '2026-11-24T01:30:00.000Z', '2026-11-25T01:30:00.000Z', '2026-11-26T01:30:00.000Z', '2026-11-27T01:30:00.000Z'] },
  set_trigger: yes('release-manager'),
  begin_test: no(['product-test.running', 'A test of the product is not settled yet.', 'Settle it first.']),
};

export const compared: CompareView = {
  here: 'Harbour 2.8',
  there: 'Harbour 2.7',
  rows: [
    { service: web, here: brief('2.8.0'), there: brief('2.7.4'), same: false },
    { service: api, here: brief('2.8.1', 'api'), there: brief('2.8.1', 'api'), same: true },
    { service: billing, here: brief('1.4.0', 'billing'), there: null, same: false },
  ],
};

const dryOf = (names: readonly string[]): MembershipDry => ({
  members: [web, api, billing].filter((service) => names.includes(service.name)),
  left_out: [web, api, billing].filter((service) => !names.includes(service.name)),
  near_misses: [],
  breaches: [],
  missing: names.filter((name) => !['web', 'api', 'billing'].includes(name)),
  set: yes('release-manager'),
});

export const releasingAnswers = {
  releasing_show: () => releasing,
  membership_dry_run: ({ rule }) => {
    const { prefix } = rule;
    if (prefix === null) return dryOf(rule.services);
    const dry = dryOf(['web', 'api', 'billing'].filter((name) => name.startsWith(prefix)));
    return { ...dry, near_misses: dry.left_out.filter((service) => service.name.startsWith(prefix.toLowerCase())).map(({ name }) => ({ name, why: `“${name}” differs only by case.` })) };
  },
  membership_set: () => done('The members are set.'),
  product_test_record: () => done('The result of the product’s tests is recorded.'),
  product_test_begin: () => done('The test of the product is on its way.'),
  product_test_bind: () => done('The pipeline is bound.'),
  trigger_set: () => done('The trigger is set.'),
  trigger_next: ({ cron }) =>
    cron.split(/\s+/u).length === 5 ? { next: releasing.trigger!.next, reasons: [] } : { next: [], reasons: [{ code: 'trigger.cron-malformed', sentence: `“${cron}” is no cron expression.`, next_step: 'Write five fields.' }] },
  release_compare: () => compared,
  build_veto: () => done('2.8.0 goes nowhere any more.'),
} satisfies Answers;
