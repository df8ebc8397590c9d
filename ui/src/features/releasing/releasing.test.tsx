import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { releasing } from '../../preview/releasing';
import { no, yes } from '../../preview/sample';
import { called, heading, openDesk } from '../../test/desk';

const place = '#/releasing/harbour';
const none = { ...releasing, rule: null, tests: [], test_pipeline: null, trigger: null };

describe('releasing a product', () => {
  it('is reached from the sidebar, the releases and the palette', async () => {
    const { user } = openDesk('#/releases');
    await heading('Releases');
    expect(screen.getByRole('link', { name: 'Releasing' }).getAttribute('href')).toBe(place);
    await user.click(screen.getByRole('link', { name: 'Releasing Harbour' }));
    await heading('Releasing Harbour');
    await user.keyboard('{Control>}k{/Control}tested and released');
    await user.click(await screen.findByRole('option', { name: /Open how Payments is tested/u }));
    await heading('Releasing Payments');
  });

  it('shows acts that are not possible with their reasons, each once', async () => {
    const locked = no(['person.role-needed', 'It takes the role tester.', 'Ask a tester.']);
    openDesk(place, { releasing_show: () => ({ ...none, begin_test: locked, record_test: locked, bind_test: locked, set_trigger: locked, change: locked }) });
    expect((await screen.findByRole<HTMLButtonElement>('button', { name: 'Begin a test' })).disabled).toBe(true);
    for (const name of ['Record a result…', 'Choose the pipeline…', 'Set the times…', 'Change… the members']) expect(screen.getByRole<HTMLButtonElement>('button', { name }).disabled).toBe(true);
    const tests = screen.getByRole('heading', { name: 'Product tests' }).closest('section')!;
    expect(within(tests).getAllByText(/It takes the role tester/u).length).toBe(1);
    expect(screen.getAllByText(/It takes the role tester/u).length).toBe(4);
  });
});

describe('product tests', () => {
  it('tell what was left out and why, and begin where they may', async () => {
    const { user, host } = openDesk(place, { releasing_show: () => ({ ...releasing, begin_test: yes('tester') }) });
    expect(await screen.findByText('Its gate is open for a person’s approval, too.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Begin a test' }));
    expect(called(host, 'product_test_begin')).toEqual([{ product: 'harbour' }]);
  });

  it('are settled by hand where the outcome was lost, and only there', async () => {
    const { user, host } = openDesk(place);
    const [settle, ...others] = await screen.findAllByRole('button', { name: /^Settle… the test of/u });
    expect(others).toEqual([]);
    await user.click(settle!);
    const dialog = await screen.findByRole('dialog', { name: 'How did the test end?' });
    const record = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Record the result' });
    expect(record.disabled).toBe(true);
    await user.selectOptions(within(dialog).getByLabelText('Outcome'), 'failed');
    await user.type(within(dialog).getByLabelText('What did it show?'), '2 of 412 failed');
    await user.click(record);
    expect(called(host, 'product_test_record')).toEqual([{ product: 'harbour', stage: 'acceptance', test: 't3', outcome: 'failed', summary: '2 of 412 failed' }]);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('take a result that was got elsewhere', async () => {
    const { user, host } = openDesk(place, { releasing_show: () => none });
    expect(await screen.findByText('The product was not tested yet')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Record a result…' }));
    await user.type(await screen.findByLabelText('What did it show?'), '412 of 412 passed');
    await user.click(screen.getByRole('button', { name: 'Record the result' }));
    expect(called(host, 'product_test_record')).toEqual([{ product: 'harbour', stage: 'acceptance', test: null, outcome: 'succeeded', summary: '412 of 412 passed' }]);
  });
});

describe('the log of a product test', () => {
  it('is shown for a test that a pipeline carried out, and for no other', async () => {
    const { user, host } = openDesk(place);
    const logs = await screen.findAllByRole('button', { name: /^Log of the test of/u });
    expect(logs.length).toBe(1);
    await user.click(logs[0]!);
    expect(await screen.findByRole('dialog', { name: /^Log of the test of/u })).toBeTruthy();
    await waitFor(() => expect(called(host, 'deployment_log')).toEqual([{ deployment: 't2', after: '' }]));
  });
});

describe('the test pipeline', () => {
  it('is chosen from the pipelines of a connection', async () => {
    const { user, host } = openDesk(place, { releasing_show: () => none });
    await user.click(await screen.findByRole('button', { name: 'Choose the pipeline…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Pipeline that tests the product' });
    const use = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Use it' });
    expect(use.disabled).toBe(true);
    expect(within(dialog).queryByRole('button', { name: 'Use none' })).toBeNull();
    await within(dialog).findByRole('option', { name: 'web' });
    await user.selectOptions(within(dialog).getByLabelText('Pipeline'), 'web');
    await user.click(use);
    expect(called(host, 'product_test_bind')).toEqual([{ product: 'harbour', binding: { connection: 'c1', pipeline: 'web' } }]);
  });

  it('is named where the system does not list it', async () => {
    const { user, host } = openDesk(place, { releasing_show: () => none });
    await user.click(await screen.findByRole('button', { name: 'Choose the pipeline…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Pipeline that tests the product' });
    await user.selectOptions(await within(dialog).findByLabelText('Pipeline'), 'another name…');
    expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Use it' }).disabled).toBe(true);
    await user.type(within(dialog).getByLabelText(/^Its name there/u), 'nightly-harbour');
    await user.click(within(dialog).getByRole('button', { name: 'Use it' }));
    expect(called(host, 'product_test_bind')).toEqual([{ product: 'harbour', binding: { connection: 'c1', pipeline: 'nightly-harbour' } }]);
  });

  it('stays on the list where the system shows only a part, and can be given up', async () => {
    const { user, host } = openDesk(place);
    await user.click(await screen.findByRole('button', { name: 'Choose the pipeline…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Pipeline that tests the product' });
    expect((await within(dialog).findByLabelText<HTMLSelectElement>('Pipeline')).value).toBe('nightly');
    await user.click(within(dialog).getByRole('button', { name: 'Use none' }));
    expect(called(host, 'product_test_bind')).toEqual([{ product: 'harbour', binding: null }]);
  });
});

describe('the trigger', () => {
  it('shows the next times in its own zone before it is set', async () => {
    const { user, host } = openDesk(place, { releasing_show: () => none });
    await user.click(await screen.findByRole('button', { name: 'Set the times…' }));
    const dialog = await screen.findByRole('dialog', { name: 'When do the product’s tests begin?' });
    await user.selectOptions(within(dialog).getByLabelText('Often used'), 'weekdays');
    await user.clear(within(dialog).getByLabelText('Time zone'));
    await user.type(within(dialog).getByLabelText('Time zone'), 'Europe/Berlin');
    const times = await within(dialog).findByRole('table', { name: 'Next times' });
    expect(within(times).getAllByRole('row').length).toBe(6);
    await waitFor(() => expect(within(times).getByRole('columnheader', { name: 'In Europe/Berlin' })).toBeTruthy());
    expect(within(times).getByText(/Mon, Nov 23.*02:30 AM/u)).toBeTruthy();
    await user.click(within(dialog).getByRole('button', { name: 'Set the times' }));
    expect(called(host, 'trigger_set')).toEqual([{ product: 'harbour', trigger: { cron: '0 6 * * 1-5', zone: 'Europe/Berlin' } }]);
  });

  it('says what is wrong with an expression and does not set it', async () => {
    const { user, host } = openDesk(place);
    await user.click(await screen.findByRole('button', { name: 'Set the times…' }));
    const dialog = await screen.findByRole('dialog', { name: 'When do the product’s tests begin?' });
    const cron = within(dialog).getByLabelText(/^Minute, hour/u);
    await user.clear(cron);
    await user.type(cron, 'at night');
    expect(await within(dialog).findByText(/“at night” is no cron expression/u)).toBeTruthy();
    expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Set the times' }).disabled).toBe(true);
    await user.click(within(dialog).getByRole('button', { name: 'No trigger' }));
    expect(called(host, 'trigger_set')).toEqual([{ product: 'harbour', trigger: null }]);
  });
});

describe('membership', () => {
  it('shows what a prefix would do, near misses too, before it is set', async () => {
    const { user, host } = openDesk(place);
    await user.click(await screen.findByRole('button', { name: 'Change… the members' }));
    const dialog = await screen.findByRole('dialog', { name: 'Which services belong to the releases?' });
    await user.click(within(dialog).getByRole('radio', { name: 'Those whose names begin alike' }));
    expect(within(dialog).getByText(/to see the dry run/u)).toBeTruthy();
    await user.type(within(dialog).getByLabelText('Names begin with'), 'WE');
    expect(await within(dialog).findByText('“web” differs only by case.')).toBeTruthy();
    await user.clear(within(dialog).getByLabelText('Names begin with'));
    await user.type(within(dialog).getByLabelText('Names begin with'), 'we');
    expect(await within(dialog).findByText('1 service belongs')).toBeTruthy();
    expect(called(host, 'membership_set')).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Set the rule' }));
    expect(called(host, 'membership_set')).toEqual([{ product: 'harbour', rule: { services: [], prefix: 'we' } }]);
  });

  it('starts from the list in force and tells names that no service has', async () => {
    const { user, host } = openDesk(place, { releasing_show: () => ({ ...releasing, rule: { services: ['web', 'berths'], prefix: null } }) });
    await user.click(await screen.findByRole('button', { name: 'Change… the members' }));
    const dialog = await screen.findByRole('dialog', { name: 'Which services belong to the releases?' });
    expect(await within(dialog).findByText('No service is called berths.')).toBeTruthy();
    await user.click(within(dialog).getByRole('checkbox', { name: 'berths' }));
    await user.click(within(dialog).getByRole('checkbox', { name: 'billing' }));
    await waitFor(() => expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Set the rule' }).disabled).toBe(false));
    await user.click(within(dialog).getByRole('button', { name: 'Set the rule' }));
    expect(called(host, 'membership_set')).toEqual([{ product: 'harbour', rule: { services: ['web', 'billing'], prefix: null } }]);
  });

  it('can’t be set where the rules forbid it', async () => {
    const dry = { members: [], left_out: [], near_misses: [], breaches: [{ name: 'web', why: 'It calls the gate “approve” “aprove”.' }], missing: [], set: no(['membership.empty', 'No service would be left.', 'Choose another prefix.']) };
    const { user } = openDesk(place, { membership_dry_run: () => dry });
    await user.click(await screen.findByRole('button', { name: 'Change… the members' }));
    expect(await screen.findByText(/No service would be left/u)).toBeTruthy();
    expect(screen.getByText('Called differently than the others')).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Set the rule' }).disabled).toBe(true);
  });
});
