import { useState } from 'react';
import type { ReleasingView } from '../../api/wire';
import { Blocked } from '../../components/Blocked';
import { Button } from '../../components/Button';
import { Pill } from '../../components/Pill';
import { text } from '../../text';
import { ChangeMembers } from './ChangeMembers';

/** Which services belong to the product's releases. */
export function Members({ view, services }: { view: ReleasingView; services: readonly string[] }) {
  const [changing, setChanging] = useState(false);
  const { rule } = view;
  const sentence = rule === null ? text.members.all : rule.prefix === null ? text.members.byList : text.members.byPrefix(rule.prefix);
  const left = services.filter((name) => !view.members.some((member) => member.name === name));
  return (
    <section className="card stack">
      <div className="row wrap between">
        <h2>{text.members.title}</h2>
        <Button disabled={!view.change.allowed} aria-label={text.members.changeOf} onClick={() => setChanging(true)}>
          {text.members.change}
        </Button>
      </div>
      <p>{sentence}</p>
      {view.members.length === 0 ? <p className="muted">{text.members.none}</p> : <Names names={view.members.map((member) => member.name)} />}
      {left.length > 0 ? (
        <p className="muted wrap-anywhere">
          {text.members.leftOut(left.length)}: {left.join(', ')}
        </p>
      ) : null}
      <Blocked act={view.change} />
      {changing ? <ChangeMembers view={view} services={services} onClose={() => setChanging(false)} /> : null}
    </section>
  );
}

export function Names({ names }: { names: readonly string[] }) {
  return (
    <ul className="row wrap">
      {names.map((name) => (
        <li key={name} className="ellipsis">
          <Pill>{name}</Pill>
        </li>
      ))}
    </ul>
  );
}
