import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it, vi } from 'vitest';
import { desk, done, inbox } from '../preview/sample';
import { called, heading, openDesk } from '../test/desk';

describe('the desk', () => {
  it('shows the inbox, who signs and how far the ledger is verified, then says that it is ready', async () => {
    const { host } = openDesk('');
    await screen.findByText('web 2.8.0 in Exploratory');
    expect(screen.getByRole('link', { name: 'Inbox 4 waiting' }).getAttribute('aria-current')).toBe('page');
    expect(screen.getByText(/Ledger verified to 12,408/u)).toBeTruthy();
    await waitFor(() => expect(host.ready).toBe(true));
  });

  it('says in full why it can’t be opened', async () => {
    openDesk('', {
      desk_show: () => {
        throw { code: 'store.newer', message: 'This database was written by a newer Signalbox.', reasons: [{ code: 'store.newer', sentence: 'It has schema 9; this program knows 4.', next_step: 'Update Signalbox.' }], hint: '', retryable: false };
      },
    });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('It has schema 9');
    expect(alert.textContent).toContain('Update Signalbox.');
    expect(alert.textContent).toContain('store.newer');
  });

  it('begins with the first start where nothing is yet', async () => {
    const { user, host } = openDesk('', { desk_show: () => ({ ...desk, first_start: true, me: null, products: [], ledger: null }), sample_create: () => new Promise(() => undefined) });
    await heading('Welcome to the signal box');
    await user.click(screen.getByRole('button', { name: 'Make the sample product' }));
    expect(called(host, 'sample_create')).toEqual([{ folder: null, secrets: 'keychain', passphrase: null }]);
    expect(screen.getByRole('button', { name: 'Making it…' })).toBeTruthy();
    // What is written meanwhile doesn't open the screens early.
    host.answers.desk_show = () => desk;
    host.change(['desk']);
    await screen.findByText('12,411 entries in its ledger so far');
    expect(screen.queryByRole('navigation')).toBeNull();
  });

  it('offers a file for the keys, with a passphrase, once the keychain has failed', async () => {
    const { user, host } = openDesk('', {
      desk_show: () => ({ ...desk, first_start: true, me: null, products: [], ledger: null }),
      sample_create: () => {
        throw { code: 'keys.unavailable', message: 'The keychain does not answer.', reasons: [], hint: '', retryable: true };
      },
    });
    const begin = await screen.findByRole<HTMLButtonElement>('button', { name: 'Make the sample product' });
    await user.click(begin);
    await screen.findByText(/or keep the keys in a file/u);
    await user.click(screen.getByRole('checkbox'));
    expect(begin.disabled).toBe(true);
    await user.type(screen.getByLabelText('Passphrase'), 'long enough');
    await user.click(begin);
    expect(called(host, 'sample_create')[1]).toMatchObject({ secrets: 'file', passphrase: 'long enough' });
  });

  it('asks anew what a change outside may have altered, and nothing else', async () => {
    const { host } = openDesk('');
    await screen.findByText('web 2.8.0 in Exploratory');
    const before = called(host, 'settings_show').length;
    host.answers.inbox_list = () => ({ rows: inbox.slice(1), others: [] });
    host.change(['inbox']);
    await waitFor(() => expect(screen.queryByText('web 2.8.0 in Exploratory')).toBeNull());
    expect(called(host, 'settings_show').length).toBe(before);
  });

  it('goes to screens by key, finds everything from the palette, and explains its keys', async () => {
    const { user } = openDesk('');
    await heading('Inbox');
    await user.keyboard('ge');
    await heading('Ledger');
    await user.keyboard('{Control>}k{/Control}');
    const box = await screen.findByRole('combobox', { name: 'Find anything or do anything' });
    await user.type(box, '2.8.0');
    await screen.findByRole('option', { name: /web 2\.8\.0/u });
    await user.clear(box);
    await user.type(box, 'go to fea{Enter}');
    await heading('Features');
    await user.keyboard('?');
    expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
  });

  it('takes the letters that follow the palette’s shortcut at once, and gives the focus back', async () => {
    const { user } = openDesk('');
    const who = await screen.findByRole('button', { name: /Signs here: Ines Okafor/u });
    who.focus();
    fireEvent.keyDown(who, { key: 'k', ctrlKey: true });
    // At once, not a frame later: a space typed meanwhile would press the button.
    expect((document.activeElement as HTMLElement).getAttribute('role')).toBe('combobox');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(who);
    await user.keyboard('{Control>}k{/Control}plan a release{Enter}');
    expect(window.location.hash).toBe('#/releases?new=yes');
    expect(await screen.findByRole('dialog', { name: 'Plan a release' })).toBeTruthy();
  });

  it('says that the key is locked and leads to where it is opened', async () => {
    const { user, host } = openDesk('', { desk_show: () => ({ ...desk, secrets: { store: 'file', usable: false, detail: 'It needs its passphrase.' } }), desk_unlock: () => done('Unlocked.') });
    await user.click(await screen.findByRole('button', { name: 'Unlock…' }));
    await user.type(await screen.findByLabelText('Passphrase of your key'), 'open sesame');
    await user.click(screen.getByRole('button', { name: 'Unlock' }));
    expect(called(host, 'desk_unlock')).toEqual([{ passphrase: 'open sesame' }]);
  });

  it('closes a sheet by Escape wherever the focus is', async () => {
    const { user } = openDesk('#/line/web?build=web-2.8.0');
    await screen.findByRole('complementary', { name: 'Build' });
    (document.activeElement as HTMLElement | null)?.blur();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
  });

  it('switches who signs', async () => {
    const { user, host } = openDesk('');
    await user.click(await screen.findByRole('button', { name: /Signs here: Ines Okafor/u }));
    await user.click(await screen.findByRole('menuitem', { name: /Priya Raman/u }));
    await waitFor(() => expect(called(host, 'person_switch')).toEqual([{ person: 'person-priya' }]));
  });

  it('can leave single keys to the person who dictates', async () => {
    localStorage.setItem('signalbox.single-keys', 'off');
    openDesk('');
    await heading('Inbox');
    fireEvent.keyDown(document.body, { key: 'g' });
    fireEvent.keyDown(document.body, { key: 'e' });
    expect(screen.queryByRole('heading', { level: 1, name: 'Ledger' })).toBeNull();
    localStorage.removeItem('signalbox.single-keys');
  });
});

describe('accessibility', () => {
  const places = ['#/inbox', '#/line/web?stage=exploratory&build=web-2.8.0', '#/line/web?view=table', '#/line/web?view=where', '#/line/web?stage=production', '#/line/web?build=web-2.8.0', '#/releases', '#/releases/r28?part=scope', '#/releases/r28?part=plan', '#/releases/r28?part=steps', '#/releases/r28?part=go', '#/releases/r28?part=send', '#/releases/r28?part=compare', '#/releasing/harbour', '#/releases/r28/run', '#/features/HAR-311', '#/issues/i51', '#/issues?new=yes', '#/strategy/harbour?part=topics', '#/strategy/harbour?part=process&version=8', '#/strategy/harbour?part=agreement&version=8', '#/ledger/e12409', '#/ledger?do=export', '#/settings/people', '#/settings/connections', '#/settings/appearance', '#/settings/machine'];
  it.each(places)('axe finds nothing at %s', async (place) => {
    vi.spyOn(HTMLElement.prototype, 'offsetParent', 'get').mockReturnValue(document.body);
    const { host } = openDesk(place);
    await waitFor(() => expect(host.ready).toBe(true));
    // Colours and sizes need a drawn page; the desktop tests look at them in the real one.
    const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, 'scrollable-region-focusable': { enabled: false }, 'label-content-name-mismatch': { enabled: true } } });
    expect(found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
    expect(within(document.body).getAllByRole('heading', { level: 1, hidden: true }).length).toBe(1);
  });
});
