import type { FieldView, KindView } from '../../api/wire';
import { TextField } from '../../components/Field';
import { Segmented } from '../../components/Segmented';
import { text } from '../../text';
import { valueOf, withValue, type AddressDraft } from './addressDraft';
import { FileField } from './FileField';
import { FolderField } from './FolderField';

interface AddressFieldsProps {
  kind: KindView;
  draft: AddressDraft;
  onChange: (draft: AddressDraft) => void;
  secretKept: boolean;
  asksHost: boolean;
}

/** The form of a kind of system: what it asks for, then the network where it is reached over one. */
export function AddressFields({ kind, draft, onChange, secretKept, asksHost }: AddressFieldsProps) {
  const must = kind.fields.filter((field) => field.required || field.secret || field.name === 'base' || field.name === 'account');
  const may = kind.fields.filter((field) => !must.includes(field));
  const set = (name: string, value: string) => onChange(withValue(draft, name, value));
  const field = (each: FieldView) =>
    each.secret ? (
      <TextField
        key={each.name}
        type="password"
        label={each.title}
        required={each.required && !secretKept}
        hint={
          <>
            {each.hint} <span className="strong">{secretKept ? text.connections.secretKept : text.connections.secretGoes}</span>
          </>
        }
        placeholder={secretKept ? '••••••••' : undefined}
        value={draft.secret}
        onChange={(event) => onChange({ ...draft, secret: event.target.value })}
      />
    ) : kind.kind === 'local' && each.name === 'base' ? (
      <FolderField key={each.name} value={draft.base} hint={each.hint} onChange={(folder) => set('base', folder)} />
    ) : (
      <TextField key={each.name} label={each.required ? each.title : `${each.title} ${text.connections.optional}`} required={each.required} hint={each.hint} value={valueOf(draft, each.name)} onChange={(event) => set(each.name, event.target.value)} />
    );
  return (
    <>
      {must.map(field)}
      {asksHost ? (
        <TextField label={text.connections.typedHost} hint={text.connections.typedHostHint} value={draft.typedHost} onChange={(event) => onChange({ ...draft, typedHost: event.target.value })} />
      ) : null}
      {may.length > 0 ? (
        <details>
          <summary>{text.connections.more}</summary>
          <div className="form">{may.map(field)}</div>
        </details>
      ) : null}
      {kind.kind === 'local' ? null : <Network draft={draft} onChange={onChange} />}
    </>
  );
}

function Network({ draft, onChange }: { draft: AddressDraft; onChange: (draft: AddressDraft) => void }) {
  return (
    <details>
      <summary>{text.connections.network}</summary>
      <div className="form">
        <div className="field">
          <span className="field-label">{text.connections.proxy}</span>
          <Segmented
            label={text.connections.proxy}
            value={draft.proxy}
            segments={[
              { value: 'system', label: text.connections.proxies.system },
              { value: 'none', label: text.connections.proxies.none },
              { value: 'url', label: text.connections.proxies.url },
            ]}
            onChange={(proxy) => onChange({ ...draft, proxy })}
          />
        </div>
        {draft.proxy === 'url' ? <TextField label={text.connections.proxyUrl} hint={text.connections.proxyHint} value={draft.proxyUrl} onChange={(event) => onChange({ ...draft, proxyUrl: event.target.value })} /> : null}
        <FileField label={text.connections.caFile} hint={text.connections.caHint} extensions={['pem', 'crt', 'cer']} value={draft.caFile} onChange={(caFile) => onChange({ ...draft, caFile })} />
      </div>
    </details>
  );
}
