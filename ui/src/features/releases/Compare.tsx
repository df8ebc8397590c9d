import { useState } from 'react';
import { useAsk } from '../../api/client';
import type { BuildBrief, CompareRow, CompareView, ReleaseView } from '../../api/wire';
import { go, href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { EmptyState } from '../../components/EmptyState';
import { Checkbox, Select } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';

/** This release beside another one of the product, service by service. */
export function Compare({ release, other }: { release: ReleaseView; other: string | null }) {
  const list = useAsk('release_list', { product: release.product.id });
  return (
    <div className="pad stack loose">
      <Answer of={list}>
        {({ releases }) => {
          const others = releases.filter((each) => each.id !== release.id);
          const there = others.find((each) => each.id === other) ?? others[0];
          if (!there) return <EmptyState title={text.compare.nothingElse}>{text.compare.nothingElseNext}</EmptyState>;
          return (
            <>
              <p className="muted measure">{text.compare.intro}</p>
              <div className="short">
                <Select
                  label={text.compare.with}
                  value={there.id}
                  choices={others.map((each) => ({ value: each.id, label: each.name }))}
                  onChange={(event) => go(href(['releases', release.id], { part: 'compare', with: event.target.value }), true)}
                />
              </div>
              <Beside key={there.id} here={release.id} there={there.id} />
            </>
          );
        }}
      </Answer>
    </div>
  );
}

function Beside({ here, there }: { here: string; there: string }) {
  const compared = useAsk('release_compare', { here, there });
  const [narrow, setNarrow] = useState(false);
  return (
    <Answer of={compared}>
      {(view) => {
        const differ = view.rows.filter((row) => !row.same);
        if (view.rows.length === 0) return <EmptyState title={text.compare.empty}>{text.compare.emptyNext}</EmptyState>;
        return (
          <>
            <div className="row wrap" role="status">
              {differ.length === 0 ? (
                <Pill tone="go" shape="check">
                  {text.compare.allSame(view.rows.length)}
                </Pill>
              ) : (
                <span className="strong">{text.compare.differs(differ.length, view.rows.length)}</span>
              )}
            </div>
            {differ.length > 0 && differ.length < view.rows.length ? <Checkbox label={text.compare.onlyDifferent} checked={narrow} onChange={(event) => setNarrow(event.target.checked)} /> : null}
            <Table label={text.releases.parts.compare} rows={narrow ? differ : view.rows} rowKey={(row) => row.service.id} columns={columnsOf(view)} />
          </>
        );
      }}
    </Answer>
  );
}

function columnsOf(view: CompareView): Column<CompareRow>[] {
  return [
    { key: 'service', head: text.compare.service, width: 'min', cell: (row) => <a className="bare strong" href={href(['line', row.service.id])}>{row.service.name}</a> },
    { key: 'here', head: view.here, cell: (row) => <Carried build={row.here} /> },
    { key: 'there', head: view.there, cell: (row) => <Carried build={row.there} /> },
    { key: 'difference', head: text.compare.difference, width: 'min', cell: (row) => <Difference row={row} view={view} /> },
  ];
}

function Carried({ build }: { build: BuildBrief | null }) {
  if (!build) return <span className="faint">{text.compare.none}</span>;
  return (
    <a className="bare" href={href(['line', build.service], { build: build.id })}>
      <code>{build.label}</code> <span className="faint mono">{build.commit}</span>
    </a>
  );
}

function Difference({ row, view }: { row: CompareRow; view: CompareView }) {
  if (row.same) return <Pill tone="idle">{text.compare.same}</Pill>;
  if (row.here && row.there) {
    return (
      <Pill tone="wait" shape="diamond">
        {text.compare.changed}
      </Pill>
    );
  }
  return (
    <Pill tone="wait" shape="arrow">
      {text.compare.only(row.here ? view.here : view.there)}
    </Pill>
  );
}
