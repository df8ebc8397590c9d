import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { answers, done } from '../../preview/sample';
import { called, openDesk } from '../../test/desk';

const place = '#/releases/r28?part=send';
const sheet = await answers.send_show!({ release: 'r28', stage: '' });

describe('sending a release on', () => {
  it('asks for the passphrase where a stage demands it, and signs with it', async () => {
    const { user, host } = openDesk(place, { send_show: () => ({ ...sheet, asks_passphrase: true }), release_resume: () => done('Sent again.') });
    const form = await screen.findByRole('form', { name: 'Send again what did not go' });
    await user.type(within(form).getByLabelText('Why?'), 'The disk has room again.');
    await user.type(within(form).getByLabelText('Passphrase of your key'), 'open sesame');
    await user.click(within(form).getByRole('button', { name: 'Sign and send again' }));
    expect(called(host, 'release_resume')).toMatchObject([{ release: 'r28', reason: 'The disk has room again.', passphrase: 'open sesame', packet: sheet.digest }]);
  });

  it('asks for none where no stage does', async () => {
    openDesk(place);
    const form = await screen.findByRole('form', { name: 'Send again what did not go' });
    expect(within(form).queryByLabelText('Passphrase of your key')).toBeNull();
  });
});
