/** Turns the line as the core tells it into what the track diagram draws. */

import { buildLook, signalKind } from '../../app/looks';
import type { LineView, StageView } from '../../api/wire';
import type { Fact } from '../../components/KeyValue';
import type { TrackStage } from '../../components/track/Track';
import { text } from '../../text';
import { dateTime } from '../../text/time';

export function trackStages(line: LineView): TrackStage[] {
  return line.stages.map((stage) => {
    const train = stage.occupant ?? stage.shown;
    const facts = factsOf(stage);
    return {
      key: stage.key,
      name: stage.name,
      onPath: stage.on_path,
      // A stage beside the path has no predecessor: one that names a stage takes its builds from there.
      predecessors: stage.on_path ? stage.predecessors : [],
      beside: stage.on_path ? null : (stage.predecessors[0] ?? null),
      train: train ? { ...buildLook[train.state], label: train.label, word: train.word, since: train.since ?? '' } : null,
      queue: stage.waiting.map((waiting) => waiting.label),
      signal: stage.on_path ? { kind: signalKind(stage.signal.tone, stage.hold !== null), word: stage.signal.word } : null,
      notes: notesOf(stage),
      facts,
      summary: [stage.name, ...facts.map(([term, value]) => `${term}: ${String(value)}`)].join('. '),
    };
  });
}

function notesOf(stage: StageView): string[] {
  const ready = stage.automatic || !stage.on_path ? [] : [stage.ready.length > 0 ? text.line.readyNote(stage.ready.map((each) => each.label).join(', ')) : ''];
  return [...(stage.note ? [stage.note] : []), ...ready].filter(Boolean);
}

/** The facts of a section: for hover and focus, the accessible name and the table view. */
export function factsOf(stage: StageView): Fact[] {
  const train = stage.occupant ?? stage.shown;
  const facts: Fact[] = [
    [stage.occupant ? text.line.holder : text.line.standing, train ? `${train.label}, ${train.word}` : text.line.nobody],
  ];
  if (train?.since) facts.push([text.line.since, dateTime(train.since)]);
  if (stage.who.length > 0) facts.push([text.line.releases, stage.who.join(', ')]);
  if (stage.waiting.length > 0) facts.push([text.line.waiting, stage.waiting.map((each) => each.label).join(', ')]);
  if (stage.ready.length > 0) facts.push([text.line.ready, stage.ready.map((each) => each.label).join(', ')]);
  if (stage.hold) facts.push([text.line.held, `${stage.hold.by}: ${stage.hold.reason}`]);
  if (stage.on_path) facts.push([text.line.signal, stage.signal.word]);
  if (stage.note) facts.push([text.line.note, stage.note]);
  return facts;
}
