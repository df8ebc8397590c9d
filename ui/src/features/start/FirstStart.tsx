import { useEffect, useState } from 'react';
import { useDo, useHost } from '../../api/client';
import type { DeskView, SecretStore } from '../../api/wire';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Progress } from '../../components/Progress';
import { text } from '../../text';
import { number } from '../../text/time';
import { Secrets, secretsReady } from './Secrets';
import { Wizard } from './Wizard';

/** The first start: look around in a sample, or begin with one's own product. */
export function FirstStart({ view, onBusy }: { view: DeskView; onBusy: (busy: boolean) => void }) {
  const host = useHost();
  const [own, setOwn] = useState(false);
  const [store, setStore] = useState<SecretStore>('keychain');
  const [passphrase, setPassphrase] = useState('');
  const [folder, setFolder] = useState<string | null>(null);
  const sample = useDo('sample_create');
  const { busy } = sample;
  useEffect(() => onBusy(busy), [busy, onBusy]);
  if (own) return <Wizard onBack={() => setOwn(false)} onBusy={onBusy} />;
  const ready = secretsReady(store, passphrase);
  return (
    <main className="start-screen" id="screen">
      <header className="start-head">
        <Logo />
        <h1>{text.start.title}</h1>
        <p className="muted">{text.start.intro}</p>
      </header>
      <div className="start-choices">
        <section className="card start-choice">
          <h2>{text.start.sample}</h2>
          <p className="muted">{text.start.sampleMeans}</p>
          <ul className="bullets muted">
            {text.start.samplePoints.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
          <p className="faint small">
            {folder ? text.start.inFolder(folder) : text.start.defaultFolder}{' '}
            <Button
              size="small"
              kind="quiet"
              onClick={() => {
                void host.openFolderDialog(text.start.chooseFolder).then((chosen) => (chosen ? setFolder(chosen) : undefined));
              }}
            >
              {text.start.chooseFolder}
            </Button>
          </p>
          {sample.error ? <ErrorNotice error={sample.error} /> : null}
          {busy ? <Progress done={0} of={null} label={text.start.making} words={view.ledger ? text.start.soFar(number(view.ledger.size)) : text.start.making} /> : null}
          <Button
            kind="primary"
            size="huge"
            busy={sample.busy}
            busyWord={text.start.making}
            disabled={!ready}
            onClick={() => sample.run({ folder, secrets: store, passphrase: passphrase || null })}
          >
            {text.start.sampleDo}
          </Button>
        </section>
        <section className="card start-choice">
          <h2>{text.start.own}</h2>
          <p className="muted">{text.start.ownMeans}</p>
          <ol className="bullets numbered muted">
            {text.start.ownSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <Button size="huge" disabled={sample.busy} onClick={() => setOwn(true)}>
            {text.start.ownDo}
          </Button>
        </section>
      </div>
      <Secrets store={store} onStore={setStore} passphrase={passphrase} onPassphrase={setPassphrase} trouble={sample.error} />
    </main>
  );
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="1" width="18" height="18" rx="4" />
      <path d="M4 14h12M6 14V6l8 2.4L6 10.6" />
    </svg>
  );
}
