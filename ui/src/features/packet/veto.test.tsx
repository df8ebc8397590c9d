import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { ago, answers, no } from '../../preview/sample';
import { called, openDesk } from '../../test/desk';

const sheet = '#/line/web?stage=exploratory&build=web-2.8.0';
const build = '#/line/web?build=web-2.8.0';
const given = { by: 'Ines Okafor', at: ago(3), reason: 'It loses bookings.' };

describe('a veto', () => {
  it('says what it means, asks why, and is given once', async () => {
    const { user, host } = openDesk(sheet);
    await user.click(await screen.findByRole('button', { name: 'Veto…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Veto web 2.8.0' });
    expect(within(dialog).getByText(/can’t be taken back/u)).toBeTruthy();
    const sign = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Veto web 2.8.0' });
    expect(sign.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText('Why must it go nowhere?'), 'It loses bookings.');
    await user.click(sign);
    expect(called(host, 'build_veto')).toEqual([{ build: 'web-2.8.0', reason: 'It loses bookings.' }]);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('shows on the sheets of the build and is not offered again', async () => {
    const packet = await answers.packet_show!({ build: 'web-2.8.0', stage: 'exploratory' });
    const gone = no(['build.vetoed', 'It was vetoed.', 'Go on with another build.']);
    openDesk(sheet, { packet_show: () => ({ ...packet, vetoed: given, acts: { ...packet.acts, veto: gone } }) });
    expect(await screen.findByText('It loses bookings.')).toBeTruthy();
    expect(screen.getByText('Vetoed by Ines Okafor: it goes nowhere any more.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Veto…' })).toBeNull();
  });

  it('is offered with all about a build, with the reasons where it may not be given', async () => {
    const shown = await answers.build_show!({ build: 'web-2.8.0' });
    openDesk(build, { build_show: () => ({ ...shown, veto: no(['person.role-needed', 'A veto takes the role release manager.', 'Act in that role.']) }) });
    expect((await screen.findByRole<HTMLButtonElement>('button', { name: 'Veto…' })).disabled).toBe(true);
    expect(screen.getByText(/takes the role release manager/u)).toBeTruthy();
  });
});
