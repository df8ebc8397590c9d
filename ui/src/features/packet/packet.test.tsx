import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Done } from '../../api/wire';
import { done, no, packet, yes } from '../../preview/sample';
import { called, openDesk } from '../../test/desk';
import { differenceOf } from './parts';

const place = '#/line/web?stage=exploratory&build=web-2.8.0';

describe('the decision sheet', () => {
  it('is opened and decided from the inbox by keyboard, over the packet that was shown', async () => {
    let answer: (done: Done) => void = () => undefined;
    const { user, host } = openDesk('#/inbox', { gate_sign: () => new Promise((resolve) => { answer = resolve; }) });
    await screen.findByText('web 2.8.0 in Exploratory');
    await user.keyboard('j');
    await user.keyboard('{Enter}');
    const sheet = await screen.findByRole('complementary', { name: 'Decision sheet' });
    await within(sheet).findByText('One tester or business analyst, not the author.');
    await user.keyboard('a');
    await user.type(await within(sheet).findByLabelText('Comment'), 'Looks right.');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(called(host, 'gate_sign')).toEqual([
      { build: 'web-2.8.0', stage: 'exploratory', approved: true, role: 'tester', meaning: 'approval', comment: 'Looks right.', packet: packet.digest, passphrase: null },
    ]);
    // Nothing is claimed before the ledger has it.
    expect(within(sheet).getByRole('button', { name: 'Recording…' })).toBeTruthy();
    expect(screen.queryByText(/passed Exploratory/u)).toBeNull();
    answer(done('web 2.8.0 passed Exploratory.'));
    expect(await screen.findByText('web 2.8.0 passed Exploratory.')).toBeTruthy();
  });

  it('stays to be read when the act has taken its row from the inbox', async () => {
    const { user, host } = openDesk('#/inbox');
    await user.click(await screen.findByText('web 2.8.0 in Exploratory'));
    await screen.findByRole('complementary', { name: 'Decision sheet' });
    host.answers.inbox_list = () => ({ rows: [], others: [] });
    host.change(['inbox']);
    await screen.findByText(/Nothing waits for you/u);
    expect(screen.getByRole('complementary', { name: 'Decision sheet' })).toBeTruthy();
  });

  it('wants a reason for a rejection', async () => {
    const { user, host } = openDesk(place, { gate_sign: () => done('Rejected.') });
    await user.click(await screen.findByRole('button', { name: 'Reject…' }));
    const sign = screen.getByRole<HTMLButtonElement>('button', { name: 'Sign and reject' });
    expect(sign.disabled).toBe(true);
    await user.type(screen.getByLabelText('Reason'), 'Tariffs are wrong.');
    await user.click(sign);
    await waitFor(() => expect(called(host, 'gate_sign')).toHaveLength(1));
  });

  it('shows every reason of a refusal and asks for a passphrase that turns out to be needed', async () => {
    const { user } = openDesk(place, {
      gate_sign: () => {
        throw { code: 'key.passphrase', message: 'It was not signed.', reasons: [{ code: 'a', sentence: 'The key is locked.', next_step: '' }, { code: 'b', sentence: 'You wrote this build.', next_step: 'Ask another.' }], hint: '', retryable: false };
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Approve…' }));
    await user.click(screen.getByRole('button', { name: 'Sign and approve' }));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The key is locked.');
    expect(alert.textContent).toContain('You wrote this build.');
    expect(screen.getByLabelText('Passphrase of your key')).toBeTruthy();
  });

  it('says why a decision is not open', async () => {
    openDesk(place, { packet_show: () => ({ ...packet, acts: { ...packet.acts, approve: no(['gate.item-open', 'The checklist item “Usability on tablet” is open.', 'Do it.']), reject: no() } }) });
    const sheet = await screen.findByRole('complementary', { name: 'Decision sheet' });
    expect(await within(sheet).findByText(/“Usability on tablet” is open/u)).toBeTruthy();
    expect(within(sheet).queryByRole('button', { name: 'Approve…' })).toBeNull();
  });

  it('warns when what is shown changes while the form is open, and signs what was shown', async () => {
    const { user, host } = openDesk(place, { gate_sign: () => done('x') });
    await user.click(await screen.findByRole('button', { name: 'Approve…' }));
    host.answers.packet_show = () => ({ ...packet, digest: 'other' });
    host.change(['packet']);
    await screen.findByText(/changed since you opened the form/u);
    await user.click(screen.getByRole('button', { name: 'Sign and approve' }));
    expect(called(host, 'gate_sign')).toMatchObject([{ packet: packet.digest }]);
  });

  it('confirms a promotion with its mechanism, what stands there now, and the reason for an older build', async () => {
    const acts = { ...packet.acts, approve: no(), reject: no(), promote: yes('release-manager'), reason_needed: true };
    const { user, host } = openDesk('#/line/web?stage=production&build=web-2.8.0', { packet_show: () => ({ ...packet, state: 'ready', acts }) });
    await user.click(await screen.findByRole('button', { name: /Put into/u }));
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByText('Runs the deploy command of the stage with the checked artifact');
    expect(within(dialog).getByText('2.7.4')).toBeTruthy();
    expect(within(dialog).getByText('check the artifact’s digest')).toBeTruthy();
    const sign = within(dialog).getByRole<HTMLButtonElement>('button', { name: /Sign and put into/u });
    expect(sign.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText('Why not the newest ready build?'), 'rc2 is untested');
    await user.click(sign);
    expect(called(host, 'build_promote')).toMatchObject([{ build: 'web-2.8.0', stage: 'exploratory', reason: 'rc2 is untested', packet: packet.digest }]);
  });

  it('reads the log of a running deployment piece by piece and shows what could deceive', async () => {
    const pieces = ['first\n', 'sec\u202eond\n'];
    openDesk(place, {
      packet_show: () => ({ ...packet, state: 'deploying', deployment: { ...packet.deployment!, state: 'running' } }),
      deployment_log: ({ after }) => ({ text: pieces[Number(after)] ?? '', next: String(Math.min(Number(after) + 1, 2)), more: Number(after) < 1, link: null, no_text: null, state: Number(after) < 1 ? 'running' : 'succeeded', step: 'smoke test', done: Number(after), steps: 2, checks: [] }),
    });
    const log = await screen.findByRole('log');
    await waitFor(() => expect(log.textContent).toBe('firstsec⟨U+202E⟩ond'));
  });

  it('marks a checklist item, and takes a reason for one that is not applicable', async () => {
    const { user, host } = openDesk(place);
    await user.click(await screen.findByRole('checkbox', { name: 'Usability on tablet' }));
    expect(called(host, 'checklist_set')).toMatchObject([{ item: 'i2', state: 'done' }]);
    await user.click(screen.getByRole('button', { name: 'N/A… Usability on tablet' }));
    await user.type(screen.getByLabelText('Why is it not applicable?'), 'desktop only');
    await user.click(screen.getByRole('button', { name: 'Mark as not applicable' }));
    expect(called(host, 'checklist_set')[1]).toMatchObject({ state: 'not_applicable', reason: 'desktop only' });
  });

  it('keeps every part of a packet on the sheet, known or not', () => {
    const parts = [...packet.parts, { part: 'brand new', lines: [{ label: 'a', text: 'b' }] }];
    expect(differenceOf({ parts }).rest.map((part) => part.part)).toEqual(['open issues', 'brand new']);
    expect(differenceOf({ parts }).comparedWith).toBe('2.7.4');
  });
});
