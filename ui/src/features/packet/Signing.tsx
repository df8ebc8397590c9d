import { useState } from 'react';
import type { CallError } from '../../api/errors';
import type { RoleView } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { Select, TextField } from '../../components/Field';
import { text } from '../../text';

export interface Signing {
  role: string;
  passphrase: string;
  setRole: (role: string) => void;
  setPassphrase: (passphrase: string) => void;
}

/** The role in which a person signs, and the passphrase of the key where it is asked for. */
export function useSigning(roles: readonly RoleView[]): Signing {
  const [chosen, setRole] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const role = roles.some((each) => each.key === chosen) ? chosen : (roles[0]?.key ?? '');
  return { role, passphrase, setRole, setPassphrase };
}

interface SignFieldsProps {
  signing: Signing;
  roles: readonly RoleView[];
  asksPassphrase: boolean;
  error: CallError | null;
}

/** Says which key signs in which role, and asks for what signing still needs. */
export function SignFields({ signing, roles, asksPassphrase, error }: SignFieldsProps) {
  const { view } = useDesk();
  // A protected key is found out by trying: the refusal then names the passphrase.
  const asks = asksPassphrase || signing.passphrase !== '' || (error !== null && /passphrase|locked/u.test(error.code));
  const role = roles.find((each) => each.key === signing.role);
  return (
    <>
      <p className="faint small wrap-anywhere">{text.packet.signAs(role?.name ?? '', view.key ?? text.state.unknown)}</p>
      {roles.length > 1 ? (
        <Select
          label={text.packet.role}
          value={signing.role}
          choices={roles.map((each) => ({ value: each.key, label: each.name }))}
          onChange={(event) => signing.setRole(event.target.value)}
        />
      ) : null}
      {asks ? (
        <TextField label={text.packet.passphrase} type="password" value={signing.passphrase} onChange={(event) => signing.setPassphrase(event.target.value)} />
      ) : null}
    </>
  );
}
