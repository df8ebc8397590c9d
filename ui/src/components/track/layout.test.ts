import { describe, expect, it } from 'vitest';
import { layoutTrack, measure, neighbour, type LayoutStage } from './layout';

const stage = (key: string, predecessors: string[] = [], more: Partial<LayoutStage> = {}): LayoutStage => ({
  key, predecessors, onPath: true, waiting: 0, ...more,
});
const chain = (names: string[]) => names.map((name, index) => stage(name, index > 0 ? [names[index - 1] ?? ''] : []));
const nine = [
  stage('infrastructure', [], { onPath: false }),
  stage('baking', [], { onPath: false }),
  stage('commit'),
  stage('acceptance', ['commit']),
  stage('self-service', [], { onPath: false, beside: 'acceptance' }),
  stage('exploratory', ['acceptance'], { waiting: 2 }),
  stage('capacity', ['acceptance']),
  stage('pre-production', ['exploratory', 'capacity']),
  stage('production', ['pre-production']),
];
const section = (layout: ReturnType<typeof layoutTrack>, key: string) => {
  const found = layout.sections.find((one) => one.key === key);
  if (!found) throw new Error(key);
  return found;
};

describe('the layout of a track', () => {
  it('puts a chain on one lane in order', () => {
    const layout = layoutTrack(chain(['DEV', 'QA', 'PROD']), 900);
    expect(layout.sections.map((one) => one.column)).toEqual([0, 1, 2]);
    expect(new Set(layout.sections.map((one) => one.y)).size).toBe(1);
  });

  it('puts parallel branches on lanes of their own and joins them in the middle', () => {
    const layout = layoutTrack(nine, 1200);
    const [exploratory, capacity, join] = ['exploratory', 'capacity', 'pre-production'].map((key) => section(layout, key));
    expect(exploratory?.column).toBe(capacity?.column);
    expect(exploratory?.y).toBeLessThan(capacity?.y ?? 0);
    expect(join?.y).toBe(((exploratory?.y ?? 0) + (capacity?.y ?? 0)) / 2);
  });

  it('keeps stages beside the path below it, under the stage whose builds they use', () => {
    const layout = layoutTrack(nine, 1200);
    const lowest = Math.max(...layout.sections.filter((one) => one.onPath).map((one) => one.y));
    for (const key of ['infrastructure', 'baking', 'self-service']) expect(section(layout, key).y).toBeGreaterThan(lowest);
    expect(section(layout, 'self-service').column).toBe(2);
  });

  it.each([3, 6, 9])('never lets sections overlap, with %i stages', (count) => {
    const layout = layoutTrack(chain(Array.from({ length: count }, (_, index) => `s${index}`)), 816);
    const lefts = layout.sections.map((one) => one.x).toSorted((a, b) => a - b);
    for (const [index, left] of lefts.entries()) {
      if (index > 0) expect(left - (lefts[index - 1] ?? 0)).toBeGreaterThan(measure.minimumWidth);
    }
    for (const one of layout.sections) expect(one.x + one.width).toBeLessThan(layout.width);
  });

  it('fits the nine-stage process into the narrowest window', () => {
    expect(layoutTrack(nine, 816).width).toBe(816);
  });

  it('leads a track past a stage that it skips', () => {
    const layout = layoutTrack([stage('a'), stage('b', ['a']), stage('c', ['b', 'a'])], 900);
    const past = layout.rails.find((rail) => rail.from === null && rail.to === null);
    expect(past).toBeDefined();
    expect(past?.path).not.toContain(` ${section(layout, 'b').y}H`);
  });

  it('draws a process with a cycle rather than hanging', () => {
    expect(layoutTrack([stage('a', ['b']), stage('b', ['a'])], 600).sections).toHaveLength(2);
  });

  it('draws nothing for no stages', () => {
    expect(layoutTrack([], 600)).toMatchObject({ sections: [], height: 0 });
  });
});

describe('walking the track by arrow keys', () => {
  const layout = layoutTrack(nine, 1200);
  it('follows the line', () => {
    expect(neighbour(layout, 'commit', 'right')).toBe('acceptance');
    expect(neighbour(layout, 'production', 'left')).toBe('pre-production');
    expect(neighbour(layout, 'production', 'right')).toBeNull();
  });
  it('changes lanes and reaches what lies beside the path', () => {
    expect(neighbour(layout, 'exploratory', 'down')).toBe('capacity');
    expect(neighbour(layout, 'capacity', 'up')).toBe('exploratory');
    expect(neighbour(layout, 'capacity', 'down')).toBe('self-service');
  });
});
