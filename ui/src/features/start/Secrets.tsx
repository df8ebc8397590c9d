import type { DeskView, SecretStore } from '../../api/wire';
import { Checkbox, TextField } from '../../components/Field';
import { text } from '../../text';

/** The keychain is ready as it is; a file needs the person's word and a passphrase. */
export function secretsReady(view: DeskView, store: SecretStore, passphrase: string): boolean {
  return store === 'keychain' ? view.secrets.usable || view.secrets.store !== 'keychain' : passphrase.length >= 8;
}

interface SecretsProps {
  view: DeskView;
  store: SecretStore;
  onStore: (store: SecretStore) => void;
  passphrase: string;
  onPassphrase: (passphrase: string) => void;
}

/** Where the signing key is to lie. A file is never chosen silently. */
export function Secrets({ view, store, onStore, passphrase, onPassphrase }: SecretsProps) {
  const none = view.secrets.store === 'keychain' && !view.secrets.usable;
  return (
    <section className="start-secrets stack" aria-label={text.start.keys}>
      <p className={none ? 'strong' : 'faint'}>{none ? text.start.noKeychain : text.start.keychain}</p>
      {none && view.secrets.detail ? <p className="muted">{view.secrets.detail}</p> : null}
      <Checkbox label={text.start.fileStore} hint={text.start.fileStoreHint} checked={store === 'file'} onChange={(event) => onStore(event.target.checked ? 'file' : 'keychain')} />
      {store === 'file' ? (
        <div className="short">
          <TextField label={text.start.passphrase} hint={text.start.passphraseHint} type="password" required value={passphrase} onChange={(event) => onPassphrase(event.target.value)} />
        </div>
      ) : null}
    </section>
  );
}
