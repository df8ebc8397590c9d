/**
 * Where everything of a track diagram stands. Columns come from the longest path through the predecessors, lanes
 * from the parallel branches; a track that passes a column without stopping there gets a lane of its own, so that
 * it never runs through a section. Lengths are in diagram units (16 a rem). Draws nothing.
 */

export interface LayoutStage {
  key: string;
  onPath: boolean;
  predecessors: readonly string[];
  /** For a stage beside the path: the stage whose builds it uses. */
  beside?: string | null | undefined;
  waiting: number;
}

export interface Section {
  key: string;
  onPath: boolean;
  column: number;
  /** Left edge and middle height of the section. */
  x: number;
  y: number;
  width: number;
  /** How far text under the section may reach before it meets the next column. */
  reach: number;
}

export interface Rail {
  from: string | null;
  to: string | null;
  path: string;
}

export interface Layout {
  width: number;
  height: number;
  sections: readonly Section[];
  rails: readonly Rail[];
  /** The top of the strip of stages beside the path, or null without any. */
  besideTop: number | null;
}

export const measure = {
  half: 22,
  minimumWidth: 98,
  scrollingWidth: 124,
  maximumWidth: 184,
  queue: 74,
  signal: 14,
} as const;

const margin = 16;
const gap = 36;
const laneChange = 56;
const lane = 150;
const above = 80;
const below = 74;
const besideHeight = 112;

interface Stop {
  key: string;
  column: number;
  /** False for a track that only passes this column. */
  real: boolean;
  lane: number;
  before: Stop[];
  after: Stop[];
}

export function layoutTrack(stages: readonly LayoutStage[], available: number): Layout {
  const onPath = stages.filter((stage) => stage.onPath);
  const columns = withLanes(onPath, columnsOf(onPath));
  const stops = columns.flat();
  const waitingColumns = new Set(stops.filter((stop) => stop.real && (stages.find((s) => s.key === stop.key)?.waiting ?? 0) > 0).map((stop) => stop.column));

  const gaps = columns.map((column, index) => {
    if (index === 0) return waitingColumns.has(0) ? measure.queue + 8 : 0;
    const bends = column.some((stop) => stop.before.some((before) => before.lane !== stop.lane));
    return (bends ? laneChange : gap) + (waitingColumns.has(index) ? measure.queue : 0);
  });
  const count = Math.max(1, columns.length);
  const fixed = gaps.reduce((sum, value) => sum + value, 0) + 2 * margin + measure.signal + 20;
  const wide = (available - fixed) / count;
  // What doesn't fit scrolls, and then there is no need to squeeze.
  const width = Math.round(wide < measure.minimumWidth ? measure.scrollingWidth : Math.min(measure.maximumWidth, wide));
  // Room that is left when sections are as wide as they may be goes between them.
  const spare = Math.min(90, Math.max(0, (available - fixed - width * count) / count));

  const lefts: number[] = [];
  let x = margin;
  for (const [index, value] of gaps.entries()) {
    x += value + (index > 0 ? spare : 0);
    lefts.push(x);
    x += width;
  }
  const total = Math.max(available, x + measure.signal + 20 + margin);
  const lanes = stops.map((stop) => stop.lane);
  const top = Math.min(0, ...lanes);
  const bottom = Math.max(0, ...lanes);
  const y = (stop: { lane: number }) => above + (stop.lane - top) * lane;
  const pathHeight = onPath.length > 0 ? above + (bottom - top) * lane + below : 0;

  const sections: Section[] = stops
    .filter((stop) => stop.real)
    .map((stop) => {
      const left = lefts[stop.column] ?? 0;
      const next = lefts[stop.column + 1];
      const queue = waitingColumns.has(stop.column + 1) ? measure.queue : 0;
      const reach = next === undefined ? total - left - 8 : next - left - queue - 10;
      return { key: stop.key, onPath: true, column: stop.column, x: left, y: y(stop), width, reach };
    });

  const rails: Rail[] = [];
  for (const stop of stops) {
    const left = lefts[stop.column] ?? 0;
    if (stop.before.length === 0 && stop.real) rails.push({ from: null, to: stop.key, path: `M0 ${y(stop)}H${left}` });
    if (stop.after.length === 0 && stop.real) rails.push({ from: stop.key, to: null, path: `M${left + width} ${y(stop)}H${total}` });
    if (!stop.real) rails.push({ from: null, to: null, path: `M${left} ${y(stop)}H${left + width}` });
    for (const next of stop.after) {
      const end = lefts[next.column] ?? 0;
      const queue = waitingColumns.has(next.column) ? measure.queue : 0;
      rails.push({ from: stop.key, to: next.key, path: bend(left + width, y(stop), end, y(next), queue) });
    }
  }

  const beside = stages.filter((stage) => !stage.onPath);
  const placed = placeBeside(beside, sections, Math.max(lefts.length, 1));
  const perRow = Math.max(1, lefts.length);
  for (const { key, slot } of placed) {
    const column = slot % perRow;
    const row = Math.floor(slot / perRow);
    const left = lefts[column] ?? margin;
    const next = lefts[column + 1] ?? total;
    sections.push({ key, onPath: false, column, x: left, y: pathHeight + 60 + row * besideHeight, width, reach: next - left - 10 });
  }
  const rows = placed.length > 0 ? Math.floor(Math.max(...placed.map(({ slot }) => slot)) / perRow) + 1 : 0;
  return {
    width: total,
    height: pathHeight + rows * besideHeight + (rows > 0 ? 8 : 0),
    sections,
    rails,
    besideTop: rows > 0 ? pathHeight : null,
  };
}

/** The section an arrow key leads to, or null at the end of the line. */
export function neighbour(layout: Layout, key: string, direction: 'left' | 'right' | 'up' | 'down'): string | null {
  const here = layout.sections.find((section) => section.key === key);
  if (!here) return layout.sections[0]?.key ?? null;
  const sideways = direction === 'left' || direction === 'right';
  const sign = direction === 'right' || direction === 'down' ? 1 : -1;
  let best: { key: string; distance: number } | null = null;
  for (const other of layout.sections) {
    const dx = other.x - here.x;
    const dy = other.y - here.y;
    const along = (sideways ? dx : dy) * sign;
    if (along <= 0) continue;
    // Along the line a step back or ahead counts most; across it the nearest in the same column.
    const distance = along + Math.abs(sideways ? dy : dx) * (sideways ? 0.6 : 3) + (sideways && other.onPath !== here.onPath ? 10_000 : 0);
    if (!best || distance < best.distance) best = { key: other.key, distance };
  }
  return best?.key ?? null;
}

function columnsOf(stages: readonly LayoutStage[]): Map<string, number> {
  const known = new Map(stages.map((stage) => [stage.key, stage]));
  const columns = new Map<string, number>();
  const visit = (key: string, above: ReadonlySet<string>): number => {
    const done = columns.get(key);
    if (done !== undefined) return done;
    // A cycle is a defect of the process that is reported elsewhere; the picture cuts it here.
    if (above.has(key)) return 0;
    const inner = new Set(above).add(key);
    const before = (known.get(key)?.predecessors ?? []).filter((other) => known.has(other) && other !== key);
    const column = Math.max(-1, ...before.map((other) => visit(other, inner))) + 1;
    columns.set(key, column);
    return column;
  };
  for (const stage of stages) visit(stage.key, new Set());
  return columns;
}

function withLanes(stages: readonly LayoutStage[], columnOf: ReadonlyMap<string, number>): Stop[][] {
  const count = Math.max(-1, ...columnOf.values()) + 1;
  const columns: Stop[][] = Array.from({ length: count }, () => []);
  const stops = new Map<string, Stop>();
  for (const stage of stages) {
    const stop: Stop = { key: stage.key, column: columnOf.get(stage.key) ?? 0, real: true, lane: 0, before: [], after: [] };
    stops.set(stage.key, stop);
    columns[stop.column]?.push(stop);
  }
  for (const stage of stages) {
    const end = stops.get(stage.key);
    if (!end) continue;
    for (const key of new Set(stage.predecessors)) {
      const start = stops.get(key);
      if (!start || start.column >= end.column) continue;
      let previous = start;
      for (let column = start.column + 1; column < end.column; column += 1) {
        const passing: Stop = { key: `${key}>${stage.key}@${column}`, column, real: false, lane: 0, before: [], after: [] };
        columns[column]?.push(passing);
        connect(previous, passing);
        previous = passing;
      }
      connect(previous, end);
    }
  }
  for (const column of columns) {
    const weight = (stop: Stop) => (stop.before.length === 0 ? 0 : stop.before.reduce((sum, other) => sum + other.lane, 0) / stop.before.length);
    const order = column.map((stop, index) => ({ stop, index, weight: weight(stop) }));
    order.sort((a, b) => a.weight - b.weight || a.index - b.index);
    for (const [index, { stop }] of order.entries()) stop.lane = index - (order.length - 1) / 2;
  }
  return columns;
}

function connect(from: Stop, to: Stop): void {
  from.after.push(to);
  to.before.push(from);
}

function bend(x1: number, y1: number, x2: number, y2: number, queue: number): string {
  if (y1 === y2) return `M${x1} ${y1}H${x2}`;
  const start = x1 + measure.signal + 8;
  const end = Math.max(start + 24, x2 - queue - 4);
  const middle = (start + end) / 2;
  return `M${x1} ${y1}H${start}C${middle} ${y1} ${middle} ${y2} ${end} ${y2}H${x2}`;
}

function placeBeside(stages: readonly LayoutStage[], sections: readonly Section[], perRow: number): { key: string; slot: number }[] {
  const taken = new Set<number>();
  const free = (from: number) => {
    let slot = from;
    while (taken.has(slot)) slot += 1;
    taken.add(slot);
    return slot;
  };
  const own = stages.filter((stage) => sections.some((section) => section.key === stage.beside));
  const rest = stages.filter((stage) => !own.includes(stage));
  const placed = own.map((stage) => {
    const column = sections.find((section) => section.key === stage.beside)?.column ?? 0;
    return { key: stage.key, slot: free(Math.min(column + 1, perRow - 1)) };
  });
  return [...placed, ...rest.map((stage) => ({ key: stage.key, slot: free(0) }))];
}
