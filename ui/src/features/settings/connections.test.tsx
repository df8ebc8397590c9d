import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { ConnectionView } from '../../api/wire';
import { answers, done, jenkinsConnection } from '../../preview/sample';
import { called, openDesk } from '../../test/desk';
import { draftOf, formOf, isFilled } from './addressDraft';

const settings = '#/settings/connections';
const known = await answers.connection_list!({});
const withJenkins = (different: Partial<ConnectionView> = {}) => ({ connection_list: () => ({ ...known, connections: [...known.connections, { ...jenkinsConnection, ...different }] }) });

async function addJenkins(different: Parameters<typeof openDesk>[1] = {}) {
  const opened = openDesk(settings, different);
  await opened.user.click(await screen.findByRole('button', { name: 'Add a connection' }));
  await opened.user.click(await screen.findByRole('button', { name: /^Jenkins/u }));
  const dialog = await screen.findByRole('dialog', { name: 'Connect Jenkins' });
  await opened.user.type(within(dialog).getByLabelText('Address'), 'http://ci.example.org/');
  await opened.user.type(within(dialog).getByLabelText('User'), 'release-bot');
  await opened.user.type(within(dialog).getByLabelText('API token'), 'planted');
  return { ...opened, dialog };
}

describe('adding a connection', () => {
  it('tests what was typed before it is added, and says what the system can’t do', async () => {
    const { user, host } = openDesk(settings);
    await user.click(await screen.findByRole('button', { name: 'Add a connection' }));
    await user.click(await screen.findByRole('button', { name: /^This machine/u }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByLabelText('Folder with pipeline.toml'), '/srv/harbour');
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    await within(dialog).findByText(/It works: ines on this machine/u);
    await user.click(within(dialog).getByText('What it can do: 1 of 2'));
    expect(within(dialog).getByText(/Tell of changes by itself/u)).toBeTruthy();
    expect(called(host, 'connection_test')).toEqual([{ connection: null, kind: 'local', address: { base: '/srv/harbour', account: null, ca_file: null, proxy: 'system', options: {} }, prefix: null, typed_host: null, secret: null }]);
  });

  it('hides the secret while it is typed and sends it once, with the address', async () => {
    const { user, host, dialog } = await addJenkins({ connection_add: () => done('CI is connected.') });
    expect(within(dialog).getByLabelText<HTMLInputElement>('API token').type).toBe('password');
    await user.click(within(dialog).getByRole('button', { name: 'Add it' }));
    expect(called(host, 'connection_add')).toMatchObject([{ kind: 'jenkins', name: 'Jenkins', secret: 'planted', typed_host: null, address: { account: 'release-bot' } }]);
  });

  it('asks for the host’s name when the core wants it typed', async () => {
    const refused = { code: 'address.plain-http', message: 'The address is not encrypted.', reasons: [], hint: 'Type ci.example.org.', retryable: false };
    const { user, host, dialog } = await addJenkins({
      connection_test: (request) => {
        if ((request as { typed_host: string | null }).typed_host === null) throw refused;
        return answers.connection_test!({} as never);
      },
    });
    expect(within(dialog).queryByLabelText(/without encryption/u)).toBeNull();
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    await user.type(await within(dialog).findByLabelText('Type the host’s name to go on without encryption'), 'ci.example.org');
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    await within(dialog).findByText(/It works/u);
    expect(called(host, 'connection_test')).toMatchObject([{ typed_host: null }, { typed_host: 'ci.example.org' }]);
  });

  it('can’t be added before all that the kind needs is filled in', async () => {
    const { user } = openDesk(settings);
    await user.click(await screen.findByRole('button', { name: 'Add a connection' }));
    await user.click(await screen.findByRole('button', { name: /^Jenkins/u }));
    expect((await screen.findByRole<HTMLButtonElement>('button', { name: 'Add it' })).disabled).toBe(true);
  });
});

describe('a known connection', () => {
  it('shows that its secret is kept and never the secret, and replaces it only when one is typed', async () => {
    const { user, host } = openDesk(settings, { ...withJenkins(), connection_address: () => done('It leads there now.') });
    await user.click(await screen.findByRole('button', { name: 'Edit… CI' }));
    const dialog = await screen.findByRole('dialog', { name: 'CI' });
    expect(within(dialog).getByLabelText<HTMLInputElement>('API token').value).toBe('');
    expect(within(dialog).getByText(/kept in this machine’s keychain and never shown/u)).toBeTruthy();
    await user.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(called(host, 'connection_address')).toMatchObject([{ connection: 'c2', secret: null }]);
  });

  it('says what keeps this machine from using it, with the next step', async () => {
    const problem = { code: 'secret.missing', sentence: 'This machine has no secret for the connection (API token).', next_step: 'Enter it.' };
    openDesk(settings, withJenkins({ secret: 'missing', problem }));
    expect(await screen.findByText('This machine can’t use it')).toBeTruthy();
    expect(screen.getByText('Enter it.')).toBeTruthy();
  });

  it('removes the secret on demand', async () => {
    const { user, host } = openDesk(settings, { ...withJenkins(), connection_secret_forget: () => done('Removed.') });
    await user.click(await screen.findByRole('button', { name: 'Edit… CI' }));
    await user.click(await screen.findByRole('button', { name: 'Remove the secret' }));
    expect(called(host, 'connection_secret_forget')).toEqual([{ connection: 'c2' }]);
  });

  it('keeps what the form does not show', async () => {
    const kinds = (await answers.connection_kinds!({})).kinds;
    const address = { base: 'https://ci.example.org/', account: 'a', ca_file: '/etc/ca.pem', proxy: { url: 'http://proxy:3128' }, options: { build_input: 'TAG' } };
    expect(formOf(draftOf(address))).toEqual(address);
    expect(isFilled(kinds[1]!, draftOf(address), false)).toBe(false);
    expect(isFilled(kinds[1]!, draftOf(address), true)).toBe(true);
  });
});

describe('binding', () => {
  it('starts from the suggestion with its reasons, and sends what was changed', async () => {
    const { user, host } = openDesk(settings, { service_bind: () => done('Bound.') });
    await user.click(await screen.findByRole('button', { name: 'Bind… billing' }));
    const table = await screen.findByRole('table', { name: 'How each stage is bound' });
    expect(within(table).getByText(/the verdict here answers its gate Approve/u)).toBeTruthy();
    await user.selectOptions(within(table).getByLabelText('Moved by: Production'), 'driven');
    await user.selectOptions(within(table).getByLabelText('Stage there: Production'), 'live');
    await user.selectOptions(within(table).getByLabelText('Gate there: Acceptance'), '');
    await user.click(screen.getByRole('button', { name: 'Bind it' }));
    expect(called(host, 'service_bind')).toMatchObject([
      { pipeline: 'web', stages: [{ stage: 'commit', way: 'driven' }, { stage: 'acceptance', way: 'gated', gate: null }, { stage: 'production', way: 'driven', remote: 'live' }] },
    ]);
  });

  it('stays with the bound pipeline where the system shows only a part of them', async () => {
    const known = await answers.connection_test!({} as never);
    const { user, host } = openDesk(settings, { connection_test: () => ({ ...known, pipelines: known.pipelines.filter((each) => each.id !== 'web'), more: true }) });
    await user.click(await screen.findByRole('button', { name: 'Bind… web' }));
    await screen.findByRole('table', { name: 'How each stage is bound' });
    expect(screen.getByLabelText<HTMLSelectElement>('Pipeline').value).toBe('web');
    expect(called(host, 'binding_suggest')).toMatchObject([{ pipeline: 'web' }]);
  });

  it('takes the name of a gate that nobody waits at, where the system does not list all', async () => {
    const suggestion = await answers.binding_suggest!({} as never);
    const { user, host } = openDesk(settings, { binding_suggest: () => ({ ...suggestion, lists_gates: false }), service_bind: () => done('Bound.') });
    await user.click(await screen.findByRole('button', { name: 'Bind… billing' }));
    await user.selectOptions(await screen.findByLabelText('Gate there: Acceptance'), 'another gate…');
    await user.type(screen.getByLabelText('Name of the gate: Acceptance'), 'StagingQA/Approve');
    await user.click(screen.getByRole('button', { name: 'Bind it' }));
    expect(called(host, 'service_bind')).toMatchObject([{ stages: [{ stage: 'commit' }, { stage: 'acceptance', way: 'gated', gate: 'StagingQA/Approve' }, {}] }]);
  });

  it('offers no driving where the system can’t be told the build', async () => {
    const suggestion = await answers.binding_suggest!({} as never);
    const { user } = openDesk(settings, { binding_suggest: () => ({ ...suggestion, can_drive: false, cannot_drive: 'No build can be promoted through it.' }) });
    await user.click(await screen.findByRole('button', { name: 'Bind… billing' }));
    expect(await screen.findByText(/No build can be promoted through it/u)).toBeTruthy();
    expect(screen.getByLabelText('Moved by: Production').querySelector<HTMLOptionElement>('option[value=driven]')?.disabled).toBe(true);
  });
});

describe('mapping by prefix', () => {
  const stage = { stage: { key: 'commit', name: 'Commit' }, way: 'driven' as const, remote: 'dev', gate: null, why: '' };
  const row = (name: string, course: 'add' | 'refused') => ({ pipeline: name, name, service: name, course, stages: [stage], notices: [] });
  const dry = { rows: [row('shop-web', 'add'), row('shop-api', 'add'), row('shop-odd', 'refused')], near_misses: [{ name: 'Shop-old', why: 'It differs only by case.' }], more: false, apply: { allowed: true, reasons: [], roles: [] } };

  it('forgets a dry run once something else is asked for', async () => {
    const { user } = openDesk(settings, { binding_dry_run: () => dry });
    await user.click(await screen.findByRole('button', { name: 'Map by prefix…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Map by prefix…' });
    await user.type(within(dialog).getByLabelText('Names that begin with'), 'shop-');
    await user.click(within(dialog).getByRole('button', { name: 'Dry run' }));
    expect((await within(dialog).findByRole<HTMLButtonElement>('button', { name: 'Take 2 pipelines over' })).disabled).toBe(false);
    await user.type(within(dialog).getByLabelText('Names that begin with'), 'x');
    expect(within(dialog).queryByText('shop-web')).toBeNull();
    expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Take 0 pipelines over' }).disabled).toBe(true);
  });

  it('records nothing before the dry run was read, and takes over only what stays ticked', async () => {
    const outcome = { pipeline: 'shop-web', service: 'shop-web', done: true, said: 'shop-web is a service now, and bound.', reasons: [] };
    const { user, host } = openDesk(settings, { binding_dry_run: () => dry, binding_apply: () => ({ rows: [outcome] }) });
    await user.click(await screen.findByRole('button', { name: 'Map by prefix…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Map by prefix…' });
    await user.type(within(dialog).getByLabelText('Names that begin with'), 'shop-');
    await user.click(within(dialog).getByRole('button', { name: 'Dry run' }));
    expect(await within(dialog).findByText('It differs only by case.')).toBeTruthy();
    expect(called(host, 'binding_apply')).toEqual([]);
    expect(within(dialog).getByLabelText<HTMLInputElement>('shop-odd').disabled).toBe(true);
    await user.click(within(dialog).getByLabelText('shop-api'));
    await user.click(within(dialog).getByRole('button', { name: 'Take 1 pipeline over' }));
    expect(await within(dialog).findByText(/is a service now, and bound/u)).toBeTruthy();
    expect(called(host, 'binding_apply')).toMatchObject([{ rows: [{ pipeline: 'shop-web', service: 'shop-web', stages: [{ stage: 'commit', way: 'driven', remote: 'dev' }] }] }]);
  });
});
