import { buildLook } from '../../app/looks';
import type { BuildRow } from '../../api/wire';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';

const most = 4;

const columns: Column<BuildRow>[] = [
  { key: 'build', head: text.line.build, width: 'min', cell: (row) => <span className="mono strong">{row.build.label}</span> },
  { key: 'where', head: text.line.whereIs, cell: (row) => <Pill {...buildLook[row.state]}>{row.place}</Pill> },
  { key: 'since', head: text.line.since, width: 'min', cell: (row) => <span className="muted"><RelativeTime bare at={row.since} /></span> },
  {
    key: 'carries',
    head: text.line.carries,
    optional: true,
    cell: (row) => (
      <span className="row wrap">
        <span>{row.features.slice(0, most).join(', ')}</span>
        {row.features.length > most ? <span className="faint">{text.line.moreFeatures(row.features.length - most)}</span> : null}
        {row.flags.map((flag) => (
          <Pill key={flag} tone="wait" shape="diamond">
            {flag}
          </Pill>
        ))}
      </span>
    ),
  },
  { key: 'next', head: text.line.next, cell: (row) => <span className="muted">{row.next}</span> },
];

export function BuildTable({ rows, current, onCurrent }: { rows: readonly BuildRow[]; current: string | null; onCurrent: (row: BuildRow) => void }) {
  return <Table label={text.line.builds} rows={rows} rowKey={(row) => row.build.id} columns={columns} current={current} onCurrent={onCurrent} onOpen={onCurrent} />;
}
