import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { answers, desk, done, line, release } from '../preview/sample';
import { called, heading, openDesk } from '../test/desk';
import { sheetOf } from './inbox/Inbox';
import { trackStages } from './line/trackStages';
import { byPhase } from './releases/Steps';
import { keyOf } from './start/Wizard';

describe('the line', () => {
  it('names holder, age and who can release a section, and shows the same facts as a table', async () => {
    const { user } = openDesk('#/line/web');
    const section = await screen.findByRole('button', { name: /Exploratory\. Holder: 2\.8\.0, undecided.*Priya Raman, Tom Becker/u });
    await user.click(section);
    await screen.findByRole('complementary', { name: 'Decision sheet' });
    await user.keyboard('t');
    const table = await screen.findByRole('grid', { name: 'Stages of the web line' });
    expect(within(table).getByText('Priya Raman, Tom Becker')).toBeTruthy();
  });

  it('walks the track by arrow keys and opens a section with Enter', async () => {
    const { user } = openDesk('#/line/web');
    const first = await screen.findByRole('button', { name: /^Commit\./u });
    first.focus();
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Acceptance\./u);
    await user.keyboard('{Enter}');
    await screen.findByRole('complementary', { name: 'Stage Acceptance' });
  });

  it('keeps stages beside the path off the track', () => {
    const stages = trackStages(line);
    expect(stages.find((stage) => stage.key === 'self-service')).toMatchObject({ onPath: false, beside: 'acceptance', predecessors: [], signal: null });
  });

  it('says what to do when no build has arrived', async () => {
    openDesk('#/line/web', { line_show: () => ({ ...line, builds: [] }) });
    expect(await screen.findByText(/arrivals folder/u)).toBeTruthy();
  });

  it('holds a stage with a reason', async () => {
    const { user, host } = openDesk('#/line/web?stage=production', { stage_hold: () => done('Held.') });
    await user.click(await screen.findByRole('button', { name: 'Hold the stage…' }));
    await user.type(screen.getByLabelText('Why is it held?'), 'disk full');
    await user.click(screen.getByRole('button', { name: 'Hold the stage…' }));
    expect(called(host, 'stage_hold')).toEqual([{ service: 'web', stage: 'production', reason: 'disk full' }]);
  });
});

describe('the inbox', () => {
  it('opens a sheet where there is one and leads elsewhere where not', async () => {
    const { rows } = await answers.inbox_list!({});
    expect(rows.map((row) => sheetOf(row)?.kind ?? 'elsewhere')).toEqual(['packet', 'feature', 'elsewhere', 'elsewhere']);
  });

  it('greets an empty list with the next thing to do', async () => {
    openDesk('#/inbox', { inbox_list: () => ({ rows: [], others: [] }) });
    expect(await screen.findByText('Nothing waits for you, Ines Okafor')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'See the line of Harbour' })).toBeTruthy();
  });
});

describe('releases', () => {
  it('chooses a build without forgetting the other services', async () => {
    const { user, host } = openDesk('#/releases/r28', { release_choose: () => done('Chosen.') });
    await user.selectOptions(await screen.findByLabelText('Build of web'), 'web-2.8.1-rc2');
    expect(called(host, 'release_choose')).toEqual([
      { release: 'r28', builds: [{ service: 'api', build: 'api-2.8.0' }, { service: 'billing', build: 'billing-4.1.0' }, { service: 'web', build: 'web-2.8.1-rc2' }] },
    ]);
  });

  it('writes a section with its rehearsal and goes on to the next open one', async () => {
    const { user, host } = openDesk('#/releases/r28?part=plan&section=back-up-restore', { plan_section_write: () => done('Written.') });
    await user.type(await screen.findByLabelText('Back-up and restore of state'), 'pg_dump, then restore on a copy');
    await user.click(screen.getByRole('button', { name: 'Record the section' }));
    expect(called(host, 'plan_section_write')).toMatchObject([{ section: 'back-up-restore', text: 'pg_dump, then restore on a copy', rehearsal: null }]);
    await waitFor(() => expect(window.location.hash).toContain('section=logs'));
  });

  it('runs the night: the step that is being done is large, with its acts', async () => {
    const { user, host } = openDesk('#/releases/r28/run', { plan_step_move: () => done('Moved.') });
    const now = await screen.findByRole('region', { name: 'Now' });
    expect(within(now).getByRole('heading', { name: 'api 2.8.0 to Production' })).toBeTruthy();
    await user.click(within(now).getByRole('button', { name: 'Blocked…: api 2.8.0 to Production' }));
    await user.type(within(now).getByLabelText('What blocks it?'), 'node 3');
    await user.click(within(now).getByRole('button', { name: 'Blocked…' }));
    expect(called(host, 'plan_step_move')).toMatchObject([{ state: 'blocked', reason: 'node 3' }]);
  });

  it('keeps the steps in the order of their phases', () => {
    expect(byPhase(release.steps).map(([phase, steps]) => [phase, steps.length])).toEqual([['Before', 4], ['Deploy', 4], ['After', 4]]);
  });
});

describe('the ledger', () => {
  it('exports to the file that the native dialog names', async () => {
    const { user, host } = openDesk('#/ledger?do=export');
    host.path = '/home/ines/harbour.csv';
    await user.click(await screen.findByRole('button', { name: 'Choose a file…' }));
    await screen.findByText('12,411 entries written');
    expect(called(host, 'ledger_export')).toMatchObject([{ format: 'csv', path: '/home/ines/harbour.csv' }]);
  });

  it('writes nothing when the dialog is cancelled', async () => {
    const { user, host } = openDesk('#/ledger?do=export');
    await user.click(await screen.findByRole('button', { name: 'Choose a file…' }));
    expect(called(host, 'ledger_export')).toEqual([]);
  });

  it('verifies from the first entry and names each finding with its entry', async () => {
    openDesk('#/ledger?do=verify', { ledger_verify: () => ({ size: 9, root: 'r', checked_at: '', millis: 3, findings: [{ index: 4, entry: 'e4', code: 'entry.changed', sentence: 'A byte of the payload changed.' }] }) });
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText(/A byte of the payload changed/u)).toBeTruthy();
    expect(within(dialog).getByRole('link', { name: 'entry 4' })).toBeTruthy();
  });
});

describe('issue log and strategy', () => {
  it('begins the entry of a failure with what it knew', async () => {
    const { user, host } = openDesk('#/issues?draft=draft1', { issue_record: () => done('Recorded as ISS-52.') });
    const dialog = await screen.findByRole('dialog', { name: 'Complete the entry' });
    expect(within(dialog).getByLabelText<HTMLInputElement>('Problem').value).toBe('Deployment of api 2.7.9 to Acceptance failed');
    await user.click(within(dialog).getByRole('button', { name: 'Record it' }));
    expect(called(host, 'issue_record')).toMatchObject([{ draft: 'draft1', report: { symptoms: 'smoke.sh: exit 1' } }]);
  });

  it('closes an entry only with a lesson', async () => {
    const { user, host } = openDesk('#/issues/i51', { issue_close: () => done('Closed.') });
    await user.click(await screen.findByRole('button', { name: 'Close with a lesson…' }));
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Close with this lesson' }).disabled).toBe(true);
    await user.type(screen.getByLabelText('The checklist item'), 'Look at it on a tablet');
    await user.click(screen.getByRole('button', { name: 'Close with this lesson' }));
    expect(called(host, 'issue_close')).toMatchObject([{ lesson: 'checklist_item', text: 'Look at it on a tablet' }]);
  });

  it('shows each defect of a process with its trace', async () => {
    openDesk('#/strategy/harbour?version=8&part=process');
    expect(await screen.findByText('Commit → Acceptance → Exploratory → Pre-production → Production')).toBeTruthy();
  });

  it('records only the topics that changed', async () => {
    const { user, host } = openDesk('#/strategy/harbour', { strategy_draft: () => done('Version 9.') });
    await user.click(await screen.findByRole('button', { name: 'Write a new version…' }));
    await user.type(screen.getByLabelText('Monitoring'), ' More.');
    await user.click(screen.getAllByRole('button', { name: 'Record 1 changed topic as a new version' })[0]!);
    expect(called(host, 'strategy_draft')).toMatchObject([{ product: 'harbour', topics: [{ key: 't5' }], process: null }]);
  });
});

describe('settings and start', () => {
  it('changes the theme and the text size in the document', async () => {
    let settings = { theme: 'system' as 'system' | 'dark', text_scale: 100, verify_at_start: true };
    const { user } = openDesk('#/settings/appearance', { settings_show: () => settings, settings_set: (next) => (settings = next as typeof settings) });
    await user.click(await screen.findByRole('radio', { name: 'Dark' }));
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    await user.selectOptions(screen.getByLabelText('Text size'), '200');
    await waitFor(() => expect(document.documentElement.dataset['scale']).toBe('200'));
  });

  it('begins one’s own ledger after five questions', async () => {
    const { user, host } = openDesk('', { desk_show: () => ({ ...desk, first_start: true, me: null, products: [], ledger: null }), desk_create: () => done('Begun.') });
    await user.click(await screen.findByRole('button', { name: 'Start with your own' }));
    await user.type(screen.getByLabelText('Name'), 'Ines Okafor');
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await user.type(screen.getByLabelText('Product'), 'Harbour');
    await user.type(screen.getByLabelText('Services'), 'web, api');
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await user.click(await screen.findByRole('radio', { name: /Nine stages/u }));
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await user.click(screen.getByRole('button', { name: 'Next' }));
    await user.click(screen.getByRole('button', { name: 'Begin the ledger' }));
    expect(called(host, 'desk_create')).toMatchObject([{ name: 'Ines Okafor', handle: 'ines', product: 'Harbour', product_key: 'HAR', services: ['web', 'api'], starter: 'nine-stages', ledger: 'Harbour', pipeline_folder: null }]);
  });

  it('derives a key from a name', () => expect(['Harbour', 'Harbour Web', ''].map(keyOf)).toEqual(['HAR', 'HW', '']));
});

it('an unknown place leads to the inbox', async () => {
  openDesk('#/nowhere');
  await heading('Inbox');
});
