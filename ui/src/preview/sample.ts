/** A made-up product in mid-release, for tests and for looking at screens. */

import type {
  BindingSuggestion,
  BuildRow,
  BuildState,
  ConnectionView,
  DeskView,
  FeatureRow,
  InboxRow,
  IssueRow,
  KindView,
  LineView,
  PacketView,
  PersonBrief,
  ReleaseView,
  SectionView,
  StageView,
  StepView,
  TrainView,
} from '../api/wire';
import type { Answers } from './fakeHost';
import { ago, brief, done, no, role, yes } from './make';
import { releasingAnswers } from './releasing';

export { ago, done, no, yes };
const person = (handle: string, name: string, ...roles: string[]): PersonBrief => ({ id: `person-${handle}`, handle, name, roles: roles.map(role), machine: false });

export const ines = person('ines', 'Ines Okafor', 'release-manager', 'administrator');
export const priya = person('priya', 'Priya Raman', 'tester');
export const tom = person('tom', 'Tom Becker', 'operations', 'tester');
export const maya = person('maya', 'Maya Lindqvist', 'business-analyst');

const services = [
  { id: 'web', name: 'web' },
  { id: 'api', name: 'api' },
  { id: 'billing', name: 'billing' },
];
export const harbour = { id: 'harbour', key: 'HAR', name: 'Harbour', services, strategy: 7 };

export const desk: DeskView = {
  first_start: false,
  version: '0.1.0',
  ledger: { id: '0192f1c4-7f00-7000-8000-000000000001', name: 'Harbour', size: 12_411, verified: 12_408, verified_at: ago(2), findings: 0, sample: false },
  me: ines,
  key: 'SHA256:q1vXn0Yw2mJkKq9aB7cD5eF3gH1iJ8kL6mN4oP2q8Zk',
  here: [ines, priya, tom, maya],
  products: [harbour, { id: 'payments', key: 'PAY', name: 'Payments', services: [{ id: 'ledgerd', name: 'ledgerd' }], strategy: 2 }],
  inbox: 4,
  secrets: { store: 'keychain', usable: true, detail: '' },
  notices: [{ tone: 'wait', title: 'Production closes Fri 18:00 for the weekend freeze', detail: 'Opens Mon 07:00 Europe/Berlin. 3 h 12 min left to promote.' }],
  folder: '/home/ines/.local/share/signalbox',
};

const train = (label: string, state: BuildState, word: string, minutes: number): TrainView => ({ build: `web-${label}`, label, state, word, since: ago(minutes) });

function stage(key: string, name: string, predecessors: string[], more: Partial<StageView> = {}): StageView {
  return {
    key, name, predecessors, on_path: true, all: true, automatic: true, way: 'driven', system: 'Pipelines of this machine', changes: [], needs_release: false, occupant: null, shown: null, waiting: [], ready: [], hold: null,
    deployed: null, last_good: null, signal: { tone: 'go', word: 'clear' }, note: null, who: [], sentence: `${name} admits ready builds by itself.`, hold_act: yes('release-manager'), roll_back: no(), ...more,
  };
}

const row = (label: string, state: BuildState, stageKey: string | null, place: string, minutes: number, features: string[], next: string): BuildRow => ({
  build: brief(label), state, stage: stageKey ? { key: stageKey, name: stageKey } : null, place, since: ago(minutes), features, next, flags: label.endsWith('rc3') ? ['commit without a feature'] : [],
});

export const line: LineView = {
  product: harbour,
  service: { id: 'web', name: 'web' },
  strategy: 7,
  stages: [
    stage('infrastructure', 'Support infrastructure', [], { on_path: false, note: 'verified 4 days ago' }),
    stage('baking', 'Baking', [], { on_path: false, shown: train('ami-42', 'passed', 'passed', 5_000) }),
    stage('commit', 'Commit', [], { occupant: train('2.8.1-rc3', 'deploying', 'running', 4), who: ['the pipeline'] }),
    stage('acceptance', 'Acceptance', ['commit'], { shown: train('2.8.1-rc2', 'passed', 'passed', 62) }),
    stage('self-service', 'Self-service', ['acceptance'], { on_path: false, shown: train('2.8.1-rc2', 'passed', 'passed', 30) }),
    stage('exploratory', 'Exploratory', ['acceptance'], {
      automatic: false, occupant: train('2.8.0', 'undecided', 'undecided', 26 * 60), waiting: [train('2.8.1-rc1', 'waiting', 'waiting', 300)], ready: [train('2.8.1-rc2', 'ready', 'ready', 62)],
      signal: { tone: 'stop', word: 'stop' }, who: ['Priya Raman', 'Tom Becker'], note: 'waits for Priya or Tom', sentence: 'A tester or business analyst puts a build in; 1 of tester or business analyst approves, not the author.',
    }),
    stage('capacity', 'Capacity', ['acceptance'], { shown: train('2.8.0', 'passed', 'passed', 300), note: 'passed · waiting for exploratory' }),
    stage('pre-production', 'Pre-production', ['exploratory', 'capacity']),
    stage('production', 'Production', ['pre-production'], { automatic: false, shown: train('2.7.4', 'passed', 'live', 9 * 1440), signal: { tone: 'wait', word: 'press' }, last_good: brief('2.7.3'), roll_back: yes('release-manager'), needs_release: true }),
  ],
  builds: [
    row('2.8.1-rc3', 'deploying', 'commit', 'in Commit', 4, ['HAR-318'], 'unit tests 812 / 1,204'),
    row('2.8.1-rc2', 'passed', 'acceptance', 'passed Acceptance', 62, ['HAR-318'], 'ready for Exploratory, Capacity'),
    row('2.8.1-rc1', 'waiting', 'exploratory', 'waits before Exploratory', 300, ['HAR-318', 'HAR-322'], 'behind 2.8.0'),
    row('2.8.0', 'undecided', 'exploratory', 'undecided in Exploratory', 26 * 60, ['HAR-301', 'HAR-309', 'HAR-311'], 'Priya or Tom decides'),
    row('2.7.4', 'passed', 'production', 'live in Production', 9 * 1440, ['HAR-270', 'HAR-271', 'HAR-275', 'HAR-280', 'HAR-281', 'HAR-290'], 'last good'),
    row('2.7.5', 'rejected', 'capacity', 'rejected in Capacity', 3 * 1440, ['HAR-299'], 'p95 1.9 s at peak load · ISS-47'),
  ],
  more: false,
  notices: [],
  pipeline: { connection: 'c1', connection_name: 'this machine', kind: 'local', pipeline: 'web', problems: [] },
};

export const packet: PacketView = {
  digest: '9f2c41aa07d1c8d24c6b1d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4be0',
  title: 'Harbour web 2.8.0 in Exploratory',
  parts: [
    { part: 'build', lines: [{ label: 'label', text: '2.8.0' }, { label: 'commit', text: '8be3d02' }] },
    { part: 'digest', lines: [{ label: 'web.tar', text: 'sha256:9f2c41aa07d1' }] },
    { part: 'compared with', lines: [{ label: 'build', text: '2.7.4' }] },
    { part: 'components', lines: [{ label: 'configuration', text: '118 → 121' }, { label: 'data', text: '40 → 41' }] },
    { part: 'features', lines: [{ label: 'HAR-301', text: 'Partial refunds: signed off by Maya Lindqvist' }, { label: 'HAR-309', text: 'Berth calendar export: signed off by Maya Lindqvist' }, { label: 'HAR-311', text: 'New tariff table: not signed off' }] },
    { part: 'open issues', lines: [{ label: 'ISS-51', text: 'Tablet layout breaks at 768 px' }] },
  ],
  product: 'Harbour',
  service: { id: 'web', name: 'web' },
  build: brief('2.8.0'),
  stage: { key: 'exploratory', name: 'Exploratory' },
  state: 'undecided',
  word: 'undecided',
  since: ago(26 * 60),
  gate: {
    checks: [{ name: 'Smoke test', passed: true, source: 'local', summary: '38 checks', at: ago(60) }, { name: 'Accessibility', passed: null, source: '', summary: '', at: null }],
    items: [
      { key: 'i1', text: 'Usability on desktop', state: 'done', reason: '', by: 'Priya Raman', at: ago(50) },
      { key: 'i2', text: 'Usability on tablet', state: 'open', reason: '', by: null, at: null },
      { key: 'i3', text: 'Usability on phone', state: 'not_applicable', reason: 'not offered on phones', by: 'Priya Raman', at: ago(40) },
    ],
    features: [{ key: 'HAR-311', title: 'New tariff table', signed_off: null }],
    sentence: 'One tester or business analyst, not the author.',
    missing: ['1 more approval of tester or business analyst'],
    who: [priya, tom],
    signoffs: [{ id: 's1', person: 'Priya Raman', role: role('tester'), approved: true, meaning: 'approval', comment: 'Good on desktop.', at: ago(30), void: 'withdrawn', mine: false }],
  },
  acts: {
    approve: yes('tester', 'release-manager'), reject: yes('tester', 'release-manager'), promote: no(), retry: no(), release_failed: no(), roll_back: no(), cancel: no(), settle: no(), answer_again: no(), settle_answer: no(), retry_there: no(), veto: yes('release-manager'), reason_needed: false,
  },
  deployment: { id: 'd1', roll_back: false, at: ago(26 * 60 + 3), by: 'Priya Raman', state: 'succeeded', detail: '', ended: ago(26 * 60) },
  remote_gate: null,
  changes: [],
  asks_passphrase: false,
  last_time: [{ issue: 'i47', key: 'ISS-47', problem: 'Capacity failed on 2.7.5: connection pool too small.', lesson: 'Check added: pool size under peak load.' }],
  issue_draft: null,
  vetoed: null,
};

export const inbox: InboxRow[] = [
  { id: '1', kind: 'gate', title: 'web 2.8.0 in Exploratory', detail: 'Approve or reject: one tester or business analyst.', changes: '3 features, 1 data migration', risk: 'high', since: ago(26 * 60), deadline: ago(-180), product: 'harbour', service: 'web', build: 'web-2.8.0', stage: 'exploratory', release: null, feature: null, issue: null, strategy: null },
  { id: '2', kind: 'feature', title: 'HAR-311 New tariff table', detail: 'Sign off in web 2.8.0.', changes: 'new in 2.8.0', risk: 'medium', since: ago(300), deadline: null, product: 'harbour', service: 'web', build: 'web-2.8.0', stage: null, release: null, feature: 'HAR-311', issue: null, strategy: null },
  { id: '3', kind: 'step', title: 'Announce the window', detail: 'Step of Harbour 2.8, due today.', changes: '', risk: 'low', since: ago(40), deadline: ago(-60), product: 'harbour', service: null, build: null, stage: null, release: 'r28', feature: null, issue: null, strategy: null },
  { id: '4', kind: 'issue_draft', title: 'api 2.7.9 failed in Acceptance', detail: 'Complete the issue-log entry.', changes: '', risk: 'medium', since: ago(90), deadline: null, product: 'harbour', service: 'api', build: 'api-2.7.9', stage: 'acceptance', release: null, feature: null, issue: 'draft1', strategy: null },
];

const section = (key: string, title: string, body: string, more: Partial<SectionView> = {}): SectionView => ({
  key, title, text: body, settled: body !== '', waived: null, rehearsed: false, rehearsal: null, written: body ? 'Ines Okafor' : null, written_at: body ? ago(700) : null, issues: [], question: 'What must a person know on release night?', may_waive: true, ...more,
});
let steps = 0;
const step = (title: string, phase: string, state: StepView['state'], owner: PersonBrief | null, minutes = 10): StepView => {
  steps += 1;
  return { id: `s${steps}`, title, phase, owner, planned: null, minutes, after: state === 'open' && steps > 7 ? [`s${steps - 1}`] : [], automated: phase === 'Deploy', state, evidence: '', reason: '', moved_by: state === 'open' ? null : 'Ines Okafor', moved_at: state === 'open' ? null : ago(60 - steps * 5), can_start: steps < 8 };
};

export const issues: IssueRow[] = [
  { id: 'i47', key: 'ISS-47', problem: 'Connection pool too small under peak load', product: 'harbour', service: 'web', stage: 'Capacity', severity: 'high', at: ago(3 * 1440), met: 2, open: false, lesson: 'Checklist item in Capacity: pool size under peak load', solution: 'Raise the pool to 80.' },
  { id: 'i51', key: 'ISS-51', problem: 'Tablet layout breaks at 768 px', product: 'harbour', service: 'web', stage: 'Exploratory', severity: 'medium', at: ago(600), met: 1, open: true, lesson: '', solution: '' },
];

export const release: ReleaseView = {
  id: 'r28', name: 'Harbour 2.8', product: harbour, owner: ines, strategy: 7, strategy_now: null, at: ago(2_000), planned: ago(-120), finished: null, outcome: '',
  scope: [
    { service: services[0]!, chosen: brief('2.8.0'), state: 'undecided', place: 'undecided in Exploratory', live: brief('2.7.4'), features: ['HAR-301', 'HAR-309', 'HAR-311'], choices: [{ build: brief('2.8.1-rc2'), place: 'passed Acceptance', ready: false }, { build: brief('2.8.0'), place: 'undecided in Exploratory', ready: false }], next_stage: null, running: null },
    { service: services[1]!, chosen: brief('2.8.0', 'api'), state: 'deploying', place: 'deploying to Production', live: brief('2.7.4', 'api'), features: ['HAR-301'], choices: [{ build: brief('2.8.0', 'api'), place: 'ready for Production', ready: true }], next_stage: 'production', running: 'd512' },
    { service: services[2]!, chosen: brief('4.1.0', 'billing'), state: 'passed', place: 'live in Production', live: brief('4.0.7', 'billing'), features: [], choices: [{ build: brief('4.1.0', 'billing'), place: 'live in Production', ready: true }], next_stage: null, running: null },
  ],
  sections: [
    section('first-deployment', 'First deployment', 'Not the first one.'),
    section('smoke-tests', 'Smoke tests of the application and the services it uses', 'smoke.sh in every environment, 38 checks; the berth service and the payment sandbox are asked, too.'),
    section('back-out', 'Back-out', 'Redeploy 2.7.4, last good. Not possible after data migration 41.', { rehearsed: true, rehearsal: { at: ago(4 * 1440), passed: true, note: '3 min 10 s' } }),
    section('back-up-restore', 'Back-up and restore of state', '', { rehearsed: true }),
    section('upgrade', 'Upgrade without losing state', 'Drain node by node.'),
    section('restart', 'Restart or redeploy after a failure', 'Run the deployment again; it is idempotent.', { rehearsed: true }),
    section('logs', 'Logs: where they are and what they hold', ''),
    section('monitoring', 'Monitoring', 'Dashboards: harbour-web, harbour-api. Error rate below 0.5 %.'),
    section('data-migrations', 'Data migrations', 'Migration 41 adds tariff_2027; there is no way back past it.'),
    section('issue-log', 'Issue log of earlier deployments', 'See ISS-47 and ISS-39.', { issues }),
  ],
  steps: [
    step('Announce the window', 'Before', 'done', maya), step('Back up harbour_prod', 'Before', 'done', tom), step('Restore check on a copy', 'Before', 'done', tom), step('Go / no-go', 'Before', 'done', ines),
    step('billing 4.1.0 to Production', 'Deploy', 'done', ines), step('api 2.8.0 to Production', 'Deploy', 'doing', ines), step('web 2.8.0 to Production', 'Deploy', 'open', ines), step('Data migration 41', 'Deploy', 'open', tom),
    step('Smoke test, dependencies included', 'After', 'open', tom, 5), step('Live transaction check', 'After', 'open', priya, 10), step('Watch error rate for 30 min', 'After', 'open', tom, 30), step('Tell support', 'After', 'open', maya, 5),
  ],
  voices: [
    { person: 'Tom Becker', role: role('operations'), go: true, comment: '', at: ago(30), current: true },
    { person: 'Maya Lindqvist', role: role('business-analyst'), go: true, comment: '', at: ago(28), current: true },
    { person: 'Jon Adeyemi', role: role('support'), go: false, comment: 'Two agents on leave until Monday.', at: ago(20), current: true },
  ],
  go_sentence: 'Operations and one business analyst say go.',
  open_points: [{ code: 'plan.section-empty', sentence: 'The section “Back-up and restore of state” is empty.', next_step: 'Write it, or waive it with a reason.' }, { code: 'plan.section-empty', sentence: 'The section “Logs” is empty.', next_step: 'Write it, or waive it with a reason.' }],
  go: yes('release-manager'), compose: yes('release-manager'), finish: no(['release.open-steps', '7 steps are open.', 'Finish them first.']),
};

const featureRow = (key: string, title: string, state: FeatureRow['state'], word: string, label: string | null, place: string, waiting_for: string, signed_off: boolean | null): FeatureRow => ({
  key, title, product: 'harbour', state, word, since: ago(500), build: label ? brief(label) : null, place, waiting_for, signed_off,
});
export const features: FeatureRow[] = [
  featureRow('HAR-318', 'Ferry timetable import', 'merged', 'merged and released', '2.8.1-rc3', 'in Commit', 'unit tests', null),
  featureRow('HAR-311', 'New tariff table', 'in_staging', 'in staging', '2.8.0', 'undecided in Exploratory', 'Maya Lindqvist to sign off', null),
  featureRow('HAR-309', 'Berth calendar export', 'in_staging', 'in staging', '2.8.0', 'undecided in Exploratory', 'a decision in Exploratory', true),
  featureRow('HAR-270', 'Invoices in three languages', 'in_production', 'in production', '2.7.4', 'live in Production', '', true),
  featureRow('HAR-330', 'Night berths', 'in_branch', 'in branch', null, '', 'a tested branch', null),
];

const log = ['intent 0192f1…c4 recorded, request sent once', 'deploy #512 accepted', 'pull harbour-api@sha256:77ab…19', 'drain node 1 of 3', 'node 1 healthy, 38 of 38 checks', 'drain node 2 of 3', 'node 2 healthy, 38 of 38 checks', 'drain node 3 of 3', 'node 3 waiting for readiness… 21 s'].map((words, index) => `14:46:${String(index * 6 + 2).padStart(2, '0')}  ${words}\n`);
const entry = (seq: number, sentence: string, kind: string, who: PersonBrief) => ({ seq, id: `e${seq}`, at: ago((12_411 - seq) * 7), author: who.id, author_name: who.name, role: who.roles[0]?.name ?? '', kind, sentence, act: `a${seq}` });
const sentences: [string, string, PersonBrief][] = [
  ['Ines Okafor put web 2.8.0 into Exploratory.', 'build-admitted.v1', ines], ['Priya Raman approved web 2.7.4 in Exploratory.', 'gate-signed.v1', priya], ['The deployment of api 2.7.9 to Acceptance failed.', 'deployment-ended.v1', tom],
  ['Maya Lindqvist signed off HAR-309 in web 2.8.0.', 'feature-signed.v1', maya], ['Tom Becker held Production: disk nearly full.', 'stage-held.v1', tom],
];
const topicTitles = ['Assets and configuration management', 'Deployment technology', 'Plan for building the deployment pipeline', 'Environments and how builds move through them', 'Change requests and approvals', 'Monitoring', 'Deploy-time and run-time configuration', 'External systems', 'Logging', 'Disaster recovery', 'Service levels', 'Production sizing', 'Archiving', 'First deployment', 'Fixing defects', 'Upgrades and data migration', 'Application support'];

/** Answers for every question, and a plain yes for every act. */
const kinds: KindView[] = [
  { kind: 'local', title: 'This machine', role: 'pipelines', least: 'This account must be able to read the folder and to run its commands.', docs: 'docs/pipelines.md, This machine', fields: [{ name: 'base', title: 'Folder', hint: 'The folder with pipeline.toml, by its full path.', required: true, secret: false }] },
  {
    kind: 'jenkins',
    title: 'Jenkins',
    role: 'pipelines',
    least: 'A user of its own with an API token, never a password.',
    docs: 'docs/pipelines.md, Jenkins',
    fields: [
      { name: 'base', title: 'Address', hint: 'The root of Jenkins as in the browser.', required: true, secret: false },
      { name: 'account', title: 'User', hint: 'The user’s id.', required: true, secret: false },
      { name: 'secret', title: 'API token', hint: 'Made on the user’s page.', required: true, secret: true },
      { name: 'build_input', title: 'Input for the build', hint: 'Usually VERSION.', required: false, secret: false },
    ],
  },
];

const localConnection: ConnectionView = { id: 'c1', kind: 'local', title: 'This machine', role: 'pipelines', name: 'this machine', address: { base: '/home/ines/harbour', account: null, ca_file: null, proxy: 'system', options: {} }, plain_http: false, secret: 'not_asked', problem: null, services: ['web', 'api'] };

/** A connection whose secret is kept, and one that this machine can't use yet. */
export const jenkinsConnection: ConnectionView = { ...localConnection, id: 'c2', kind: 'jenkins', title: 'Jenkins', name: 'CI', address: { base: 'https://ci.example.org/', account: 'release-bot', ca_file: null, proxy: 'system', options: {} }, secret: 'kept', services: [] };

const suggestion: BindingSuggestion = {
  pipeline: 'web',
  stages: [
    { stage: { key: 'commit', name: 'Commit' }, way: 'driven', remote: 'commit', gate: null, why: 'It is called commit there, and the build can be chosen.' },
    { stage: { key: 'acceptance', name: 'Acceptance' }, way: 'gated', remote: 'acceptance', gate: 'Approve', why: 'It is called acceptance there, and the verdict here answers its gate Approve.' },
    { stage: { key: 'production', name: 'Production' }, way: 'by_hand', remote: null, gate: null, why: 'No stage there is called Production, so people pass it and record it here.' },
  ],
  remote: [
    { id: 'commit', name: 'commit', environment: null, gates: [] },
    { id: 'acceptance', name: 'acceptance', environment: null, gates: ['Approve'] },
    { id: 'live', name: 'live', environment: null, gates: [] },
  ],
  lists_gates: true,
  can_drive: true,
  cannot_drive: '',
};

export const answers: Answers = {
  desk_show: () => desk,
  settings_show: () => ({ theme: 'system', text_scale: 100, verify_at_start: true }),
  settings_set: (settings) => settings,
  inbox_list: () => ({ rows: inbox, others: [] }),
  line_show: ({ service }) => ({ ...line, service: services.find((each) => each.id === service) ?? line.service }),
  where_show: () => ({ product: harbour, stages: line.stages.filter((each) => each.on_path).map(({ key, name }) => ({ key, name })), rows: services.map((service) => ({ service, cells: line.stages.filter((each) => each.on_path).map((each) => ({ stage: each.key, build: each.occupant ?? each.shown, by: each.occupant ? 'Ines Okafor' : '', newest_ready: each.key === 'exploratory' ? brief('2.8.1-rc2') : null })) })) }),
  build_show: ({ build }) => ({
    build: { ...brief(build.replace(/^web-/u, '')), id: build }, author: 'Lena Hofmann', arrived: ago(1_700), number: 208, strategy: 7, digests: [{ artifact: 'web.tar', sha256: packet.digest }], components: [{ name: 'application', version: '2.8.0' }, { name: 'configuration', version: '121' }],
    features: [{ key: 'HAR-301', title: 'Partial refunds', planned: true, signed_off: true, by: 'Maya Lindqvist' }, { key: 'HAR-999', title: '', planned: false, signed_off: null, by: null }],
    stages: [{ stage: { key: 'exploratory', name: 'Exploratory' }, state: 'undecided', word: 'undecided', since: ago(1_560), reason: '', deployments: [packet.deployment!], checks: packet.gate.checks, signoffs: packet.gate.signoffs }],
    veto: yes('release-manager'), vetoed: null,
  }),
  packet_show: ({ build, stage: at }) => ({ ...packet, build: { ...packet.build, id: build }, stage: line.stages.find((each) => each.key === at) ?? packet.stage }),
  promotion_preview: () => ({ allowed: true, reasons: [], system: 'Local pipeline', account: 'ines on this machine', mechanism: 'Runs the deploy command of the stage with the checked artifact', will_do: ['check the artifact’s digest', 'run deploy.sh in a group of its own', 'run the smoke test', 'record the outcome'], now: brief('2.7.4') }),
  deployment_log: ({ after }) => ({ text: log.slice(Number(after)).join(''), next: String(log.length), more: false, link: null, no_text: null, state: 'running', step: 'node 3 of 3', done: 7, steps: 9, checks: [] }),
  release_list: () => ({ releases: [
    { id: 'r28', name: 'Harbour 2.8', product: 'harbour', product_name: 'Harbour', builds: release.scope.flatMap((each) => (each.chosen ? [each.chosen] : [])), planned: release.planned, finished: null, sections_done: 8, steps_done: 5, steps: 12, go: 2, no_go: 1, open_points: 2 },
    { id: 'r27', name: 'Harbour 2.7', product: 'harbour', product_name: 'Harbour', builds: [brief('2.7.4')], planned: ago(9 * 1440), finished: ago(9 * 1440 - 60), sections_done: 10, steps_done: 11, steps: 11, go: 3, no_go: 0, open_points: 0 },
  ] }),
  ...releasingAnswers,
  release_show: () => release,
  send_show: ({ stage }) => ({
    digest: packet.digest, title: 'Harbour 2.8 to Production', parts: [{ part: 'release', lines: [{ label: 'plan', text: '2 points open' }] }],
    stage: line.stages.find((each) => each.key === stage) ?? { key: 'production', name: 'Production' }, stages: line.stages.map(({ key, name }) => ({ key, name })),
    members: [
      { service: { id: 'web', name: 'web' }, build: brief('2.8.0'), way: 'is put into the stage', reasons: [], outcome: 'failed', at: ago(12) },
      { service: { id: 'api', name: 'api' }, build: brief('2.8.1'), way: '', reasons: [], outcome: 'done', at: ago(12) },
      { service: { id: 'berths', name: 'berths' }, build: null, way: 'nothing to approve: no build is chosen', reasons: [], outcome: 'nothing_to_approve', at: ago(12) },
    ],
    decided: { by: 'Omar Haddad', at: ago(12), comment: 'All of it.', resumed: 0 },
    decide: no(['release.decided', 'The release was sent on.', 'Send again what did not go.']), resume: yes('release-manager'), vetoed: [], asks_passphrase: false,
  }),
  feature_list: ({ text }) => ({ features: features.filter((each) => `${each.key} ${each.title}`.toLowerCase().includes(text.toLowerCase())) }),
  feature_show: ({ feature }) => {
    const found = features.find((each) => each.key === feature) ?? features[1]!;
    return {
      row: found, requester: maya, developer: person('lena', 'Lena Hofmann', 'developer'), next: ['reviewed'],
      history: [{ state: 'requested', word: 'requested', at: ago(9_000), by: 'Maya Lindqvist', build: null, evidence: '' }, { state: found.state, word: found.word, at: found.since, by: null, build: found.build?.label ?? null, evidence: '' }],
      builds: found.build ? [{ build: found.build, place: found.place, signed_off: found.signed_off, by: null, comment: '' }] : [],
      sheet: found.build ? { build: found.build, digest: packet.digest, title: found.title, parts: [{ part: 'feature', lines: [{ label: found.key, text: found.title }, { label: 'state', text: found.word }] }, { part: 'passed', lines: [{ label: 'Acceptance', text: 'yes' }] }], sign: yes('business-analyst') } : null,
    };
  },
  issue_list: ({ text }) => ({ issues: issues.filter((each) => each.problem.toLowerCase().includes(text.toLowerCase())), drafts: [{ id: 'draft1', product: 'harbour', at: ago(90), title: 'api 2.7.9 failed in Acceptance', report: { problem: 'Deployment of api 2.7.9 to Acceptance failed', symptoms: 'smoke.sh: exit 1', cause: '', solution: '', severity: 'medium', service: 'api', stage: 'acceptance', build: 'api-2.7.9', links: [] } }] }),
  issue_show: ({ issue }) => {
    const found = issues.find((each) => each.id === issue) ?? issues[0]!;
    return { row: found, report: { problem: found.problem, symptoms: 'p95 at 1.9 s\nTimeouts in the pool', cause: 'Pool of 20', solution: found.solution, severity: found.severity, service: 'web', stage: 'capacity', build: null, links: ['https://example.org/graphs/47'] }, author: 'Tom Becker', met: [found.at], closed: found.open ? null : ago(2_000), service_name: 'web', stage_name: found.stage, build_label: '2.7.5', stages: line.stages.map(({ key, name }) => ({ key, name })) };
  },
  strategy_show: ({ version }) => ({
    product: 'harbour', product_name: 'Harbour', version: version ?? 7, in_force: 7, versions: [8, 7, 6].map((each) => ({ version: each, at: ago(each * 100), author: 'Ines Okafor', activated: each === 8 ? null : ago(each * 90) })), author: 'Ines Okafor', at: ago(900),
    topics: topicTitles.map((title, index) => ({ key: `t${index}`, title, text: index % 3 === 2 ? '' : 'Everything that is deployed comes from one repository a service; configuration is versioned beside it.', agree: index === 1 ? [role('operations'), role('developer')] : [] })),
    stages: line.stages.map((each) => ({ key: each.key, name: each.name, on_path: each.on_path, predecessors: each.predecessors, all: true, sentence: each.sentence, checks: ['unit tests'], checklist: each.key === 'exploratory' ? ['Usability on desktop', 'Usability on tablet'] : [], rule: each.key === 'exploratory' ? '1 of tester or business analyst' : null, deployers: [], note: '' })),
    go_sentence: release.go_sentence, steps: [{ title: 'Announce the window', phase: 'Before', minutes: 5 }],
    defects: version === 8 ? [{ code: 'process.unsatisfiable', sentence: 'The rule of Production needs two operations, but only one is enrolled.', next_step: 'Enrol another, or change the rule.', stages: ['production'], trace: ['commit', 'acceptance', 'exploratory', 'pre-production', 'production'] }] : [],
    cosigned: [{ person: 'Tom Becker', role: role('operations'), at: ago(800) }], agreement_missing: version === 8 ? [role('developer')] : [], changes: version === 8 ? [{ line: 'Monitoring', before: 'Dashboards only', now: 'Dashboards and alerts to operations' }] : [],
    cosign: yes('release-manager'), activate: version === 8 ? no(['strategy.defects', 'The process has a defect.', 'Correct it.']) : yes('release-manager'), process: null,
  }),
  ledger_list: ({ before, limit }) => {
    const top = before ?? 12_411;
    return { entries: Array.from({ length: Math.min(limit, top) }, (_, index) => { const [sentence, kind, who] = sentences[index % sentences.length]!; return entry(top - 1 - index, sentence, kind, who); }), size: 12_411, more: top > limit, kinds: sentences.map(([, kind]) => kind) };
  },
  ledger_entry: ({ entry: id }) => ({ row: { ...entry(Number(id.slice(1)), sentences[0]![0], 'build-admitted.v1', ines), id }, key: desk.key!, after_size: 12_000, after_root: packet.digest, cause: null, packet: packet.digest, header: `{"v":1,"id":"${id}"}`, payload: '{"build":"web-2.8.0"}', signature: '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----', leaf: packet.digest }),
  ledger_verify: () => ({ size: 12_411, root: packet.digest, findings: [], checked_at: ago(0), millis: 412 }),
  verify_progress: () => ({ running: true, done: 6_000, total: 12_411 }),
  ledger_export: ({ path }) => ({ path, entries: 12_411, bytes: 900_000, sha256: packet.digest }),
  checkpoint_make: () => ({ size: 12_411, root: packet.digest, note: 'signalbox/0192f1c4\n12411\nn4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n' }),
  person_list: () => ({ people: [ines, priya, tom, maya].map((each) => ({ person: each, here: true, keys: [{ fingerprint: desk.key!, public: 'ssh-ed25519 AAAA', enrolled: ago(9_999), revoked: each === tom ? ago(5) : null, here: true }] })), roles: ['business-analyst', 'developer', 'tester', 'operations', 'release-manager', 'auditor', 'administrator'].map(role), enrol: yes('administrator') }),
  connection_kinds: () => ({ kinds }),
  connection_list: () => ({ connections: [localConnection], bindings: services.map((service, index) => ({ service, product: 'harbour', connection: index < 2 ? 'c1' : null, pipeline: index < 2 ? service.name : '', stages: index < 2 ? ['commit', 'acceptance', 'production'].map((stage) => ({ stage, way: 'driven' as const, remote: stage, gate: null })) : [] })), add: yes('administrator') }),
  connection_test: () => ({
    ok: true,
    account: 'ines on this machine',
    version: '1',
    proxy: '',
    pipelines: [{ id: 'web', name: 'web', stages: ['commit', 'acceptance', 'production'] }],
    more: false,
    capabilities: [
      { name: 'Cancel a run', able: true, detail: 'At any time.', next_step: '' },
      { name: 'Tell of changes by itself', able: false, detail: 'Signalbox asks again and again.', next_step: '' },
    ],
    problems: [],
  }),
  binding_suggest: () => suggestion,
  feature_tracked: () => ({ tracked: null, tracker: '', asked: null, problem: null }),
  starter_list: () => ({ starters: [{ key: 'nine-stages', name: 'Nine stages', summary: 'The cloud pipeline with a fan-out from acceptance.', stages: ['Commit', 'Acceptance', 'Exploratory', 'Capacity', 'Pre-production', 'Production'], sentences: ['One tester or business analyst approves in Exploratory.'] }, { key: 'three-environments', name: 'Three environments', summary: 'DEV, QA, PROD.', stages: ['DEV', 'QA', 'PROD'], sentences: [] }] }),
  find: ({ text }) => ({ hits: [{ kind: 'build', id: 'web-2.8.0', title: `web 2.8.0 (${text})`, detail: 'undecided in Exploratory', product: 'harbour', service: 'web' }] }),
  person_switch: () => done('You sign as someone else now.'),
  gate_sign: () => done('Approved: web 2.8.0 passed Exploratory.'),
  builds_scan: () => ({ arrived: [], problems: [] }),
  build_promote: () => done('web 2.8.0 goes to Production.'),
  checklist_set: () => done('Marked.'),
};
