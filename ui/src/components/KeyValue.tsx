import type { ReactNode } from 'react';

export type Fact = readonly [term: string, value: ReactNode];

export function KeyValue({ facts }: { facts: readonly (Fact | false | null | undefined)[] }) {
  return (
    <dl className="kv">
      {facts.map((fact) =>
        fact ? (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
