import { useEffect, useState, type ReactNode } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { SecretStore } from '../../api/wire';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, TextField } from '../../components/Field';
import { KeyValue } from '../../components/KeyValue';
import { text } from '../../text';
import { emptyDraft, formOf } from '../settings/addressDraft';
import { FolderField } from '../settings/FolderField';
import { TestResult } from '../settings/TestResult';
import { Logo } from './FirstStart';
import { Secrets, secretsReady } from './Secrets';

const steps = ['you', 'product', 'process', 'pipeline', 'check'] as const;
type Step = (typeof steps)[number];

interface Draft {
  ledger: string;
  name: string;
  handle: string;
  roles: readonly string[];
  product: string;
  key: string;
  services: string;
  starter: string;
  folder: string;
}

/** A short key from a name: `Harbour Web` gives `HW`, `Harbour` gives `HAR`. */
export function keyOf(name: string): string {
  const words = name.toUpperCase().split(/[^A-Z0-9]+/u).filter(Boolean);
  return words.length > 1 ? words.map((word) => word[0]).join('').slice(0, 5) : (words[0] ?? '').slice(0, 3);
}

/** Begins one's own ledger: who, what, which process, deployed by what. Nothing is written before the last step. */
export function Wizard({ onBack, onBusy }: { onBack: () => void; onBusy: (busy: boolean) => void }) {
  const [step, setStep] = useState<Step>('you');
  const [draft, setDraft] = useState<Draft>({ ledger: '', name: '', handle: '', roles: ['administrator', 'release-manager'], product: '', key: '', services: '', starter: '', folder: '' });
  const [store, setStore] = useState<SecretStore>('keychain');
  const [passphrase, setPassphrase] = useState('');
  const create = useDo('desk_create');
  const { busy } = create;
  useEffect(() => onBusy(busy), [busy, onBusy]);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const at = steps.indexOf(step);
  const services = draft.services.split(/[\n,]+/u).map((each) => each.trim()).filter(Boolean);
  const ready: Record<Step, boolean> = {
    you: draft.name.trim() !== '' && draft.handle.trim() !== '' && draft.roles.length > 0 && secretsReady(store, passphrase),
    product: draft.product.trim() !== '' && draft.key.trim() !== '' && services.length > 0,
    process: draft.starter !== '',
    pipeline: true,
    check: true,
  };
  const onNext = () => {
    const next = steps[at + 1];
    if (next) setStep(next);
    else {
      create.run({
        ledger: draft.ledger.trim() || draft.product.trim(),
        handle: draft.handle.trim(),
        name: draft.name.trim(),
        roles: [...draft.roles],
        product: draft.product.trim(),
        product_key: draft.key.trim(),
        services,
        starter: draft.starter,
        pipeline_folder: draft.folder.trim() || null,
        secrets: store,
        passphrase: passphrase || null,
      });
    }
  };
  const parts: Record<Step, ReactNode> = {
    you: (
      <>
        <div className="form-row">
          <TextField label={text.people.name} required autoFocus value={draft.name} onChange={(event) => set({ name: event.target.value, ...(draft.handle === handleOf(draft.name) ? { handle: handleOf(event.target.value) } : {}) })} />
          <TextField label={text.people.handle} hint={text.people.handleHint} required value={draft.handle} onChange={(event) => set({ handle: event.target.value })} />
        </div>
        <fieldset>
          <legend>{text.people.roles}</legend>
          <div className="form-row">
            {text.start.roles.map(([key, label]) => (
              <Checkbox key={key} label={label} checked={draft.roles.includes(key)} onChange={(event) => set({ roles: event.target.checked ? [...draft.roles, key] : draft.roles.filter((role) => role !== key) })} />
            ))}
          </div>
        </fieldset>
        <Secrets store={store} onStore={setStore} passphrase={passphrase} onPassphrase={setPassphrase} trouble={create.error} />
      </>
    ),
    product: (
      <>
        <div className="form-row">
          <TextField label={text.start.productName} required autoFocus value={draft.product} onChange={(event) => set({ product: event.target.value, ...(draft.key === keyOf(draft.product) ? { key: keyOf(event.target.value) } : {}) })} />
          <TextField label={text.start.productKey} hint={text.start.productKeyHint} required value={draft.key} onChange={(event) => set({ key: event.target.value })} />
        </div>
        <TextField label={text.start.services} hint={text.start.servicesHint} required value={draft.services} onChange={(event) => set({ services: event.target.value })} />
        <TextField label={text.start.ledgerName} hint={text.start.ledgerNameHint} value={draft.ledger} placeholder={draft.product} onChange={(event) => set({ ledger: event.target.value })} />
      </>
    ),
    process: <Starters chosen={draft.starter} onChoose={(starter) => set({ starter })} />,
    pipeline: <Pipeline folder={draft.folder} onFolder={(folder) => set({ folder })} />,
    check: (
      <>
        <KeyValue
          facts={[
            [text.start.steps.you, `${draft.name} (${draft.handle})`],
            [text.people.roles, draft.roles.map((key) => text.start.roles.find((role) => role[0] === key)?.[1] ?? key).join(', ')],
            [text.start.productName, `${draft.product} (${draft.key})`],
            [text.start.services, services.join(', ')],
            [text.start.steps.process, <StarterName key="starter" of={draft.starter} />],
            [text.start.steps.pipeline, draft.folder || text.start.byHand],
            [text.start.keys, text.machine.stores[store]],
          ]}
        />
        <p className="muted">{text.start.checkMeans}</p>
        {create.error ? <ErrorNotice error={create.error} /> : null}
      </>
    ),
  };
  return (
    <main className="start-screen" id="screen">
      <header className="start-head">
        <Logo />
        <h1>{text.start.own}</h1>
      </header>
      <div className="wizard">
        <ol className="wizard-steps" aria-label={text.start.stepsLabel}>
          {steps.map((name, index) => (
            <li key={name} aria-current={name === step ? 'step' : undefined} data-done={index < at ? '' : undefined}>
              {text.start.steps[name]}
            </li>
          ))}
        </ol>
        <form
          className="card form wizard-body"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready[step] && !create.busy) onNext();
          }}
        >
          <h2>{text.start.headings[step]}</h2>
          {parts[step]}
          <div className="row between">
            <Button disabled={create.busy} onClick={() => (at === 0 ? onBack() : setStep(steps[at - 1] ?? 'you'))}>
              {text.act.back}
            </Button>
            <Button kind="primary" type="submit" busy={create.busy} disabled={!ready[step]}>
              {step === 'check' ? text.start.begin : text.act.next}
            </Button>
          </div>
        </form>
      </div>
    </main>
  );
}

function handleOf(name: string): string {
  return name.trim().toLowerCase().split(/\s+/u)[0] ?? '';
}

function Starters({ chosen, onChoose }: { chosen: string; onChoose: (starter: string) => void }) {
  const list = useAsk('starter_list', {});
  return (
    <Answer of={list}>
      {({ starters }) => (
        <div className="stack" role="radiogroup" aria-label={text.start.steps.process}>
          {starters.map((starter) => (
            <label key={starter.key} className="starter" data-chosen={starter.key === chosen ? '' : undefined}>
              <input type="radio" name="starter" value={starter.key} checked={starter.key === chosen} onChange={() => onChoose(starter.key)} />
              <span className="stack tight">
                <span className="strong">{starter.name}</span>
                <span className="muted">{starter.summary}</span>
                <span className="faint">{starter.stages.join(' → ')}</span>
                {starter.key === chosen ? starter.sentences.map((sentence) => (
                  <span key={sentence} className="small muted">
                    {sentence}
                  </span>
                )) : null}
              </span>
            </label>
          ))}
        </div>
      )}
    </Answer>
  );
}

function StarterName({ of }: { of: string }) {
  const list = useAsk('starter_list', {});
  return <>{list.data?.starters.find((starter) => starter.key === of)?.name ?? of}</>;
}

function Pipeline({ folder, onFolder }: { folder: string; onFolder: (folder: string) => void }) {
  const test = useDo('connection_test');
  return (
    <>
      <p className="muted">{text.start.pipelineMeans}</p>
      <FolderField value={folder} onChange={onFolder} hint={text.connections.folderHint} />
      <Button className="start" busy={test.busy} busyWord={text.connections.testing} disabled={folder.trim() === ''} onClick={() => test.run({ connection: null, kind: 'local', address: formOf({ ...emptyDraft, base: folder }), typed_host: null, secret: null, prefix: null })}>
        {text.connections.test}
      </Button>
      {test.error ? <ErrorNotice error={test.error} /> : null}
      {test.response ? <TestResult found={test.response} /> : null}
    </>
  );
}
