import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { answers, jenkinsConnection } from '../../preview/sample';
import { called, openDesk } from '../../test/desk';

const known = await answers.connection_list!({});
const jira = { connection_list: () => ({ ...known, connections: [{ ...jenkinsConnection, id: 'c9', kind: 'jira', title: 'Jira', role: 'tracker' as const, name: 'Jira' }] }) };
const feature = (key: string, isKnown: boolean) => ({ key, title: `Title of ${key}`, status: 'In progress', done: false, versions: ['2.8'], link: '', known: isKnown });

describe('the feature tracker', () => {
  it('says how to connect one where there is none', async () => {
    const { user } = openDesk('#/features');
    await user.click(await screen.findByRole('button', { name: 'From the tracker…' }));
    await user.click(await screen.findByRole('button', { name: 'Go to the connections' }));
    expect(window.location.hash).toContain('settings/connections');
  });

  it('takes over what is not tracked yet', async () => {
    const { user, host } = openDesk('#/features', {
      ...jira,
      tracker_versions: () => ({ versions: [{ id: '1', name: '2.8', released: false, unresolved: 2 }], more: false }),
      tracker_look: () => ({ features: [feature('SHOP-1', true), feature('SHOP-2', false)], more: false }),
      tracker_import: () => ({ rows: [{ key: 'SHOP-2', title: 'Title of SHOP-2', course: 'taken' as const, said: 'It is tracked now.', reasons: [] }] }),
    });
    await user.click(await screen.findByRole('button', { name: 'From the tracker…' }));
    const dialog = await screen.findByRole('dialog', { name: 'From the tracker…' });
    await user.type(within(dialog).getByLabelText('Project'), 'SHOP');
    await user.click(within(dialog).getByRole('button', { name: 'Show its versions' }));
    await user.click(await within(dialog).findByRole('button', { name: 'Show its features' }));
    expect(await within(dialog).findByText('2 planned, 1 not tracked here yet.')).toBeTruthy();
    expect(within(dialog).getByLabelText<HTMLInputElement>(/SHOP-1/u).disabled).toBe(true);
    await user.click(within(dialog).getByRole('button', { name: 'Take 1 feature over' }));
    expect(await within(dialog).findByText('It is tracked now.')).toBeTruthy();
    expect(called(host, 'tracker_import')).toMatchObject([{ connection: 'c9', keys: ['SHOP-2'], dry_run: false }]);
  });

  it('shows the tracker’s status beside a feature, and why there is none', async () => {
    const [row] = (await answers.feature_list!({ product: null, text: '' } as never)).features;
    openDesk(`#/features/${row!.key}`, { feature_tracked: () => ({ tracked: feature(row!.key, true), tracker: 'Jira', asked: '2026-11-21T10:00:00.000Z', problem: null }) });
    expect(await screen.findByText('At Jira')).toBeTruthy();
    expect(screen.getByText('In progress')).toBeTruthy();
  });
});
