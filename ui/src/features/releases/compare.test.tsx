import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { compared } from '../../preview/releasing';
import { answers } from '../../preview/sample';
import { called, openDesk } from '../../test/desk';

const place = '#/releases/r28?part=compare';

describe('comparing releases', () => {
  it('shows service by service what differs from another release of the product', async () => {
    const { user, host } = openDesk(place);
    const table = await screen.findByRole('table', { name: 'Compare' });
    expect(called(host, 'release_compare')).toEqual([{ here: 'r28', there: 'r27' }]);
    expect(screen.getByText('2 of 3 services differ.')).toBeTruthy();
    const words = within(table).getAllByRole('row').map((row) => row.textContent);
    expect(words[1]).toMatch(/web.*2\.8\.0.*2\.7\.4.*differs/u);
    expect(words[2]).toContain('same build');
    expect(words[3]).toMatch(/billing.*1\.4\.0.*no build.*only in Harbour 2\.8/u);
    await user.click(screen.getByRole('checkbox', { name: 'Only what differs' }));
    expect(within(screen.getByRole('table', { name: 'Compare' })).getAllByRole('row').length).toBe(3);
  });

  it('says so where both carry the same', async () => {
    openDesk(place, { release_compare: () => ({ ...compared, rows: compared.rows.filter((row) => row.same) }) });
    expect(await screen.findByText('Both carry the same build.')).toBeTruthy();
    expect(screen.queryByRole('checkbox', { name: 'Only what differs' })).toBeNull();
  });

  it('says so where neither carries a build', async () => {
    openDesk(place, { release_compare: () => ({ ...compared, rows: [] }) });
    expect(await screen.findByText('Neither release carries a build yet')).toBeTruthy();
  });

  it('says so where there is no other release', async () => {
    const { releases } = await answers.release_list!({ product: null });
    openDesk(place, { release_list: () => ({ releases: releases.filter((each) => each.id === 'r28') }) });
    expect(await screen.findByText('The product has no other release yet')).toBeTruthy();
  });
});
