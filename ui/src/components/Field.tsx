import { ChevronDown } from 'lucide-react';
import { useId, type ComponentProps, type ReactNode } from 'react';

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
  'aria-required': true | undefined;
}

export interface FieldProps {
  label: string;
  hint?: ReactNode | undefined;
  error?: string | undefined;
  required?: boolean;
  hideLabel?: boolean;
  children: (wiring: Wiring) => ReactNode;
}

/** Ties a control to its label, its hint and its error. */
export function Field({ label, hint, error, required, hideLabel, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="field" data-invalid={error ? '' : undefined}>
      <label htmlFor={id} className={hideLabel ? 'hidden-visually' : 'field-label'}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
        'aria-required': required ? true : undefined,
      })}
      {hint ? (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
      {error ? (
        <div className="field-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      ) : null}
    </div>
  );
}

type Own<T extends 'input' | 'textarea' | 'select'> = Omit<ComponentProps<T>, 'id'> & Omit<FieldProps, 'children'>;

export function TextField({ label, hint, error, required, hideLabel = false, ...rest }: Own<'input'>) {
  return (
    <Field label={label} hint={hint} error={error} required={required ?? false} hideLabel={hideLabel}>
      {(wiring) => <input {...rest} {...wiring} className="input" autoComplete="off" spellCheck={false} />}
    </Field>
  );
}

export function TextArea({ label, hint, error, required, hideLabel = false, rows = 3, ...rest }: Own<'textarea'>) {
  return (
    <Field label={label} hint={hint} error={error} required={required ?? false} hideLabel={hideLabel}>
      {(wiring) => <textarea {...rest} {...wiring} rows={rows} className="input textarea" />}
    </Field>
  );
}

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

export function Select({
  label,
  hint,
  error,
  required,
  hideLabel = false,
  choices,
  ...rest
}: Own<'select'> & { choices: readonly Choice[] }) {
  return (
    <Field label={label} hint={hint} error={error} required={required ?? false} hideLabel={hideLabel}>
      {(wiring) => (
        <span className="select">
          <select {...rest} {...wiring} className="input">
            {choices.map((choice) => (
              <option key={choice.value} value={choice.value} disabled={choice.disabled}>
                {choice.label}
              </option>
            ))}
          </select>
          <ChevronDown aria-hidden="true" />
        </span>
      )}
    </Field>
  );
}

export function Checkbox({
  label,
  hint,
  ...rest
}: Omit<ComponentProps<'input'>, 'type' | 'id'> & { label: ReactNode; hint?: ReactNode }) {
  const id = useId();
  return (
    <div className="checkbox">
      <input {...rest} id={id} type="checkbox" aria-describedby={hint ? `${id}-hint` : undefined} />
      <label htmlFor={id}>{label}</label>
      {hint ? (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}
