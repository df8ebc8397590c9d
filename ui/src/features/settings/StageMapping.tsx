import { useState } from 'react';
import type { StageWay, RemoteStage, StageMap, StageSuggestion } from '../../api/wire';
import { Select, TextField } from '../../components/Field';
import { text } from '../../text';

interface StageMappingProps {
  suggested: readonly StageSuggestion[];
  remote: readonly RemoteStage[];
  canDrive: boolean;
  /** Whether all gates are known; otherwise one can be named. */
  listsGates: boolean;
  stages: readonly StageMap[];
  onChange: (stages: StageMap[]) => void;
}

const ways: readonly StageWay[] = ['driven', 'gated', 'by_hand'];

/** One row a stage of the process: who moves builds into it, what it is called there, which gate its verdict answers. */
export function StageMapping({ suggested, remote, canDrive, listsGates, stages, onChange }: StageMappingProps) {
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
                    <Gate stage={row.stage.name} gate={map.gate} gates={gates} listsAll={listsGates} onChange={(gate) => change(map.stage, { gate })} />
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

/** Stands for a gate that is typed; no gate can be called so. */
const NAMED = '\u0000';

interface GateProps {
  stage: string;
  gate: string | null;
  gates: readonly string[];
  listsAll: boolean;
  onChange: (gate: string | null) => void;
}

/** A gate of the list, or one that is named because nobody waits there now. */
function Gate({ stage, gate, gates, listsAll, onChange }: GateProps) {
  const [typed, setTyped] = useState(gate !== null && !gates.includes(gate));
  const choices = [{ value: '', label: text.connections.noGate }, ...gates.map((each) => ({ value: each, label: each }))];
  if (!listsAll || typed) choices.push({ value: NAMED, label: text.connections.namedGate });
  return (
    <>
      <Select
        hideLabel
        label={text.connections.ofStage(text.connections.gateThere, stage)}
        value={typed ? NAMED : (gate ?? '')}
        choices={choices}
        onChange={(event) => {
          const named = event.target.value === NAMED;
          setTyped(named);
          onChange(named ? null : event.target.value || null);
        }}
      />
      {typed ? <TextField hideLabel label={text.connections.ofStage(text.connections.gateName, stage)} hint={text.connections.namedGateHint} value={gate ?? ''} onChange={(event) => onChange(event.target.value.trim() || null)} /> : null}
    </>
  );
}

/** What a way does not have is left out. */
function settled(map: StageMap): StageMap {
  if (map.way === 'by_hand') return { ...map, remote: null, gate: null };
  return map.way === 'driven' ? { ...map, gate: null } : map;
}

export const mapOf = ({ stage, way, remote, gate }: StageSuggestion): StageMap => ({ stage: stage.key, way, remote, gate });
