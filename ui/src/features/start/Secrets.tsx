import type { CallError } from '../../api/errors';
import type { SecretStore } from '../../api/wire';
import { Checkbox, TextField } from '../../components/Field';
import { text } from '../../text';

/** A file needs the person's word and a passphrase; whether the keychain works shows when it is first used. */
export function secretsReady(store: SecretStore, passphrase: string): boolean {
  return store === 'keychain' || passphrase.length >= 8;
}

interface SecretsProps {
  store: SecretStore;
  onStore: (store: SecretStore) => void;
  passphrase: string;
  onPassphrase: (passphrase: string) => void;
  /** Why the last attempt to begin failed. */
  trouble: CallError | null;
}

/** Where the signing key is to lie. A file is never chosen silently. */
export function Secrets({ store, onStore, passphrase, onPassphrase, trouble }: SecretsProps) {
  const none = store === 'keychain' && trouble !== null && trouble.code.startsWith('keys.');
  return (
    <section className="start-secrets stack" aria-label={text.start.keys}>
      <p className={none ? 'strong' : 'faint'}>{none ? text.start.noKeychain : text.start.keychain}</p>
      <Checkbox label={text.start.fileStore} hint={text.start.fileStoreHint} checked={store === 'file'} onChange={(event) => onStore(event.target.checked ? 'file' : 'keychain')} />
      {store === 'file' ? (
        <div className="short">
          <TextField label={text.start.passphrase} hint={text.start.passphraseHint} type="password" required value={passphrase} onChange={(event) => onPassphrase(event.target.value)} />
        </div>
      ) : null}
    </section>
  );
}
