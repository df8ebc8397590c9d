/** How states of the domain look: one shape and tone for each, the same on every screen. */

import type { StatusLook, Tone as PillTone } from '../components/Pill';
import type { SignalKind } from '../components/track/Track';
import type { BuildState, DeploymentState, FeatureState, ItemState, Risk, Severity, StepState, Tone } from '../api/wire';

export const buildLook: Record<BuildState, StatusLook> = {
  not_reached: { tone: 'idle', shape: 'circle' },
  ready: { tone: 'idle', shape: 'arrow' },
  waiting: { tone: 'idle', shape: 'clock' },
  deploying: { tone: 'accent', shape: 'progress' },
  unknown: { tone: 'wait', shape: 'question' },
  stopped: { tone: 'stop', shape: 'cross' },
  undecided: { tone: 'wait', shape: 'diamond' },
  passed: { tone: 'go', shape: 'check' },
  rejected: { tone: 'stop', shape: 'square' },
  failed: { tone: 'stop', shape: 'cross' },
  superseded: { tone: 'idle', shape: 'slash' },
  ended: { tone: 'idle', shape: 'slash' },
};

export const deploymentLook: Record<DeploymentState, StatusLook> = {
  running: buildLook.deploying,
  succeeded: buildLook.passed,
  failed: buildLook.failed,
  not_done: { tone: 'idle', shape: 'slash' },
  unknown: buildLook.unknown,
};

export const stepLook: Record<StepState, StatusLook> = {
  open: { tone: 'idle', shape: 'circle' },
  doing: { tone: 'accent', shape: 'progress' },
  blocked: { tone: 'stop', shape: 'square' },
  done: { tone: 'go', shape: 'check' },
  not_applicable: { tone: 'idle', shape: 'slash' },
};

export const featureLook: Record<FeatureState, StatusLook> = {
  requested: { tone: 'idle', shape: 'circle' },
  in_branch: { tone: 'accent', shape: 'progress' },
  branch_tested: { tone: 'accent', shape: 'progress' },
  reviewed: { tone: 'accent', shape: 'progress' },
  merged: { tone: 'accent', shape: 'arrow' },
  in_staging: { tone: 'wait', shape: 'diamond' },
  in_production: { tone: 'go', shape: 'check' },
};

export const itemLook: Record<ItemState, StatusLook> = {
  open: { tone: 'wait', shape: 'diamond' },
  done: { tone: 'go', shape: 'check' },
  not_applicable: { tone: 'idle', shape: 'slash' },
};

export const riskLook: Record<Risk | Severity, StatusLook> = {
  low: { tone: 'idle', shape: 'circle' },
  medium: { tone: 'wait', shape: 'diamond' },
  high: { tone: 'stop', shape: 'square' },
};

export const noticeLook: Record<Tone, StatusLook> = {
  calm: { tone: 'idle', shape: 'dot' },
  wait: { tone: 'wait', shape: 'diamond' },
  stop: { tone: 'stop', shape: 'square' },
  go: { tone: 'go', shape: 'check' },
};

/** A check or an answer that is still missing counts as open. */
export function answerLook(passed: boolean | null): StatusLook {
  if (passed === null) return itemLook.open;
  return passed ? itemLook.done : { tone: 'stop', shape: 'square' };
}

export function signalKind(tone: Tone, held: boolean): SignalKind {
  if (held) return 'hold';
  return ({ go: 'clear', calm: 'clear', wait: 'caution', stop: 'stop' } as const)[tone];
}

export function pillTone(tone: Tone): PillTone {
  return noticeLook[tone].tone;
}
