import type { StageWay, RemoteStage, StageMap, StageSuggestion } from '../../api/wire';
import { Select } from '../../components/Field';
import { text } from '../../text';

interface StageMappingProps {
  suggested: readonly StageSuggestion[];
  remote: readonly RemoteStage[];
  canDrive: boolean;
  stages: readonly StageMap[];
  onChange: (stages: StageMap[]) => void;
}

const ways: readonly StageWay[] = ['driven', 'gated', 'by_hand'];

/** One row a stage of the process: who moves builds into it, what it is called there, which gate its verdict answers. */
export function StageMapping({ suggested, remote, canDrive, stages, onChange }: StageMappingProps) {
  const gates = remote.flatMap((stage) => stage.gates);
  const change = (stage: string, change: Partial<StageMap>) => onChange(stages.map((each) => (each.stage === stage ? settled({ ...each, ...change }) : each)));
  return (
    <div className="table-scroll">
      <table className="table mapping" aria-label={text.connections.mapping}>
        <thead>
          <tr>
            <th scope="col">{text.connections.stage}</th>
            <th scope="col">{text.connections.chosen}</th>
            <th scope="col">{text.connections.stageThere}</th>
            <th scope="col">{text.connections.gateThere}</th>
          </tr>
        </thead>
        <tbody>
          {suggested.map((row) => {
            const map = stages.find((each) => each.stage === row.stage.key);
            if (!map) return null;
            const of = (what: string) => text.connections.ofStage(what, row.stage.name);
            return (
              <tr key={row.stage.key}>
                <th scope="row">
                  {row.stage.name}
                  <div className="field-hint">{row.why}</div>
                </th>
                <td>
                  <Select
                    hideLabel
                    label={of(text.connections.chosen)}
                    value={map.way}
                    choices={ways.map((way) => ({ value: way, label: text.connections.ways[way], disabled: way === 'driven' && !canDrive }))}
                    onChange={(event) => change(map.stage, { way: event.target.value as StageWay, remote: map.remote ?? row.remote ?? remote[0]?.id ?? null })}
                  />
                </td>
                <td>
                  {map.way === 'by_hand' ? null : (
                    <Select hideLabel label={of(text.connections.stageThere)} value={map.remote ?? ''} choices={remote.map((stage) => ({ value: stage.id, label: stage.environment && stage.environment !== stage.name ? `${stage.name} (${stage.environment})` : stage.name }))} onChange={(event) => change(map.stage, { remote: event.target.value })} />
                  )}
                </td>
                <td>
                  {map.way === 'gated' ? (
                    <Select hideLabel label={of(text.connections.gateThere)} value={map.gate ?? ''} choices={[{ value: '', label: text.connections.noGate }, ...gates.map((gate) => ({ value: gate, label: gate }))]} onChange={(event) => change(map.stage, { gate: event.target.value || null })} />
                  ) : null}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What a way does not have is left out. */
function settled(map: StageMap): StageMap {
  if (map.way === 'by_hand') return { ...map, remote: null, gate: null };
  return map.way === 'driven' ? { ...map, gate: null } : map;
}

export const mapOf = ({ stage, way, remote, gate }: StageSuggestion): StageMap => ({ stage: stage.key, way, remote, gate });
