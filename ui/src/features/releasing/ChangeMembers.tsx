import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { MembershipDry, MembershipRule, NearMiss, ReleasingView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Blocked } from '../../components/Blocked';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, TextField } from '../../components/Field';
import { Notice } from '../../components/Notice';
import { noticeLook } from '../../app/looks';
import { Pill } from '../../components/Pill';
import { Segmented } from '../../components/Segmented';
import { text } from '../../text';
import { Names } from './Members';

type Way = 'list' | 'prefix';

/** A new rule of membership, with what it would do before it is set. */
export function ChangeMembers({ view, services, onClose }: { view: ReleasingView; services: readonly string[]; onClose: () => void }) {
  const toast = useToast();
  const [way, setWay] = useState<Way>(view.rule?.prefix ? 'prefix' : 'list');
  const [listed, setListed] = useState<readonly string[]>(() => (view.rule && view.rule.prefix === null ? view.rule.services : view.members.map((member) => member.name)));
  const [prefix, setPrefix] = useState(view.rule?.prefix ?? '');
  const rule: MembershipRule = way === 'list' ? { services: [...listed], prefix: null } : { services: [], prefix: prefix.trim() };
  const filled = way === 'list' ? listed.length > 0 : prefix.trim() !== '';
  const dry = useAsk('membership_dry_run', { product: view.product, rule }, { when: filled, keep: true });
  const set = useDo('membership_set', (done) => {
    toast({ message: done.said });
    onClose();
  });
  // Names on the present list that no service has any more can be taken off it, too.
  const [offered] = useState(() => [...new Set([...services, ...listed])]);
  const may = filled && dry.data !== undefined && !dry.isPlaceholderData && dry.data.set.allowed;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={text.members.changeTitle}
      intro={text.members.changeIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" busy={set.busy} disabled={!may} onClick={() => set.run({ product: view.product, rule })}>
            {text.members.set}
          </Button>
        </>
      }
    >
      <div className="form">
        <Segmented label={text.members.rule} value={way} segments={[{ value: 'list', label: text.members.rules.list }, { value: 'prefix', label: text.members.rules.prefix }]} onChange={setWay} />
        {way === 'list' ? (
          <fieldset>
            <legend>{text.members.services}</legend>
            <div className="ticks">
              {offered.map((name) => (
                <Checkbox key={name} label={<span className="mono wrap-anywhere">{name}</span>} checked={listed.includes(name)} onChange={(event) => setListed(event.target.checked ? [...listed, name] : listed.filter((each) => each !== name))} />
              ))}
            </div>
          </fieldset>
        ) : (
          <TextField label={text.members.prefix} hint={text.members.prefixHint} required value={prefix} onChange={(event) => setPrefix(event.target.value)} />
        )}
        <section className="dry" aria-label={text.members.dryRun}>
          {filled && dry.data ? <Dry of={dry.data} /> : dry.error ? <ErrorNotice error={dry.error} /> : <p className="muted">{text.members.choose}</p>}
        </section>
        {set.error ? <ErrorNotice error={set.error} /> : null}
      </div>
    </Dialog>
  );
}

function Dry({ of }: { of: MembershipDry }) {
  return (
    <>
      <div className="stack tight" role="status">
        {of.members.length > 0 ? (
          <>
            <h3>{text.members.belong(of.members.length)}</h3>
            <Names names={of.members.map((service) => service.name)} />
          </>
        ) : (
          <Pill {...noticeLook.wait}>{text.members.belong(0)}</Pill>
        )}
      </div>
      {of.left_out.length > 0 ? (
        <div className="stack tight">
          <h3>{text.members.leftOut(of.left_out.length)}</h3>
          <p className="muted wrap-anywhere">{of.left_out.map((service) => service.name).join(', ')}</p>
        </div>
      ) : null}
      <Found title={text.members.nearMisses} findings={of.near_misses} />
      <Found title={text.members.breaches} findings={of.breaches} />
      {of.missing.length > 0 ? <Notice look={noticeLook.wait} title={text.members.missing(of.missing.join(', '))} /> : null}
      <Blocked act={of.set} />
    </>
  );
}

function Found({ title, findings }: { title: string; findings: readonly NearMiss[] }) {
  if (findings.length === 0) return null;
  return (
    <div className="stack tight">
      <h3>{title}</h3>
      {findings.map((finding) => (
        <p key={finding.name + finding.why} className="selectable wrap-anywhere">
          <span className="mono strong">{finding.name}</span> <span className="muted">{finding.why}</span>
        </p>
      ))}
    </div>
  );
}
