import { buildLook, pillTone, noticeLook } from '../../app/looks';
import type { LineView, StageView } from '../../api/wire';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';

/** The facts of the track diagram as rows. */
export function StageTable({ line, selected, onSelect }: { line: LineView; selected: string | null; onSelect: (key: string) => void }) {
  const columns: Column<StageView>[] = [
    { key: 'stage', head: text.line.stage, cell: (stage) => (stage.on_path ? stage.name : `${stage.name} (${text.line.offPath})`) },
    {
      key: 'train',
      head: text.line.build,
      cell: ({ occupant, shown }) => {
        const train = occupant ?? shown;
        return train ? (
          <span className="row">
            <span className="mono">{train.label}</span>
            <Pill {...buildLook[train.state]}>{train.word}</Pill>
          </span>
        ) : (
          <span className="faint">{text.track.clear}</span>
        );
      },
    },
    { key: 'since', head: text.line.since, width: 'min', cell: ({ occupant, shown }) => ((occupant ?? shown)?.since ? <RelativeTime bare at={(occupant ?? shown)?.since ?? ''} /> : null) },
    { key: 'signal', head: text.line.signal, cell: (stage) => (stage.on_path ? <Pill tone={pillTone(stage.signal.tone)} shape={stage.hold ? 'bars' : noticeLook[stage.signal.tone].shape}>{stage.signal.word}</Pill> : null) },
    { key: 'queue', head: text.line.waiting, cell: (stage) => <span className="mono">{stage.waiting.map((each) => each.label).join(', ')}</span> },
    { key: 'ready', head: text.line.ready, optional: true, cell: (stage) => <span className="mono">{stage.ready.map((each) => each.label).join(', ')}</span> },
    { key: 'who', head: text.line.releases, optional: true, cell: (stage) => <span className="muted">{stage.who.join(', ')}</span> },
    { key: 'note', head: text.line.note, optional: true, cell: (stage) => <span className="muted">{stage.note}</span> },
  ];
  return (
    <div className="stage-table">
      <Table label={text.line.stagesOf(line.service.name)} rows={line.stages} rowKey={(stage) => stage.key} columns={columns} current={selected} onCurrent={(stage) => onSelect(stage.key)} />
    </div>
  );
}
