import { useState } from 'react';
import { Track, type TrackStage } from '../components/track/Track';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

function stage(key: string, name: string, predecessors: string[], more: Partial<TrackStage> = {}): TrackStage {
  return {
    key, name, predecessors, onPath: true, train: null, queue: [], signal: { kind: 'clear', word: 'clear' }, notes: [],
    facts: [['Holder', '2.8.0'], ['Since', '26 h'], ['Releases it', 'Priya Raman or Tom Becker']],
    summary: name, ...more,
  };
}
const go = (label: string, m: number, word = 'passed') => ({ label, tone: 'go', shape: 'check', word, since: ago(m) }) as const;
const run = (label: string, m: number) => ({ label, tone: 'accent', shape: 'progress', word: 'deploying', since: ago(m) }) as const;
const wait = (label: string, m: number) => ({ label, tone: 'wait', shape: 'diamond', word: 'undecided', since: ago(m) }) as const;
const bad = (label: string, m: number) => ({ label, tone: 'stop', shape: 'square', word: 'rejected', since: ago(m) }) as const;

const nine = [
  stage('infra', 'Support infrastructure', [], { onPath: false, signal: null }),
  stage('bake', 'Baking', [], { onPath: false, signal: null, train: go('ami-42', 5000) }),
  stage('commit', 'Commit', [], { train: run('2.8.1-rc3', 4) }),
  stage('acc', 'Acceptance', ['commit'], { train: go('2.8.1-rc2', 62) }),
  stage('self', 'Self-service', [], { onPath: false, beside: 'acc', signal: null, train: go('2.8.1-rc2', 30), notes: ['from Acceptance'] }),
  stage('exp', 'Exploratory', ['acc'], { train: wait('2.8.0', 26 * 60), queue: ['2.8.1-rc1', '2.8.1-rc2'], signal: { kind: 'stop', word: 'stop' }, notes: ['waits for Priya Raman or Tom Becker'] }),
  stage('cap', 'Capacity', ['acc'], { train: go('2.8.0', 300), notes: ['waiting for Exploratory'] }),
  stage('pre', 'Pre-production', ['exp', 'cap'], {}),
  stage('prod', 'Production', ['pre'], { train: go('2.7.4', 9 * 1440, 'live'), signal: { kind: 'caution', word: 'press' }, notes: ['ready: none'] }),
];
const six = ['Commit', 'Automated acceptance testing', 'Exploratory testing', 'User acceptance testing', 'Staging and pre-production', 'Production'].map((name, i, all) =>
  stage(name, name, i ? [all[i - 1]!] : [], i === 2 ? { train: bad('2024.11.3-build.1842', 90), queue: ['a-very-long-build-label'], signal: { kind: 'hold', word: 'held' }, notes: ['usability on tablet failed, see the issue log entry'] } : { train: go(`1.${i}`, 100 * i + 3) }),
);
const three = ['DEV', 'QA', 'PROD'].map((name, i, all) => stage(name, name, i ? [all[i - 1]!] : [], { train: i === 1 ? wait('c2', 12) : go(`c${3 - i}`, 30), queue: i === 1 ? ['c3'] : [] }));

export function TrackGallery() {
  const [selected, select] = useState<string | null>('exp');
  return (
    <div style={{ overflow: 'auto', height: '100vh', background: 'var(--surface)' }}>
      {[nine, six, three].map((stages, index) => (
        <Track key={index} label="Track" stages={stages} selected={selected} onSelect={select} />
      ))}
    </div>
  );
}
