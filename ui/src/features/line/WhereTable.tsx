import { useAsk } from '../../api/client';
import type { WhereRow } from '../../api/wire';
import { buildLook } from '../../app/looks';
import { go, href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { EmptyState } from '../../components/EmptyState';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';

/** Services by environments: which build, since when, by whom, and the newest that is ready. */
export function WhereTable({ product }: { product: string }) {
  const where = useAsk('where_show', { product });
  return (
    <Answer of={where}>
      {(known) => {
        const columns: Column<WhereRow>[] = [
          { key: 'service', head: text.line.service, width: 'min', cell: (row) => <span className="strong">{row.service.name}</span> },
          ...known.stages.map((stage) => ({
            key: stage.key,
            head: stage.name,
            cell: (row: WhereRow) => {
              const cell = row.cells.find((each) => each.stage === stage.key);
              if (!cell?.build) return <span className="faint">{text.track.clear}</span>;
              return (
                <div className="stack tight">
                  <Pill {...buildLook[cell.build.state]}>{cell.build.label}</Pill>
                  <span className="faint small">
                    {cell.build.since ? <RelativeTime at={cell.build.since} /> : null}
                    {cell.by ? text.line.byPerson(cell.by) : null}
                  </span>
                  {cell.newest_ready && cell.newest_ready.id !== cell.build.build ? <span className="small">{text.line.newestReady(cell.newest_ready.label)}</span> : null}
                </div>
              );
            },
          })),
        ];
        if (known.rows.length === 0) return <EmptyState title={text.line.noService}>{text.line.noServiceNext}</EmptyState>;
        return <Table label={text.line.where} rows={known.rows} rowKey={(row) => row.service.id} columns={columns} onOpen={(row) => go(href(['line', row.service.id]))} />;
      }}
    </Answer>
  );
}
