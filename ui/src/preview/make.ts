/** Small parts of the made-up answers. */

import type { ActState, BuildBrief, Done, RoleView } from '../api/wire';

export const start = Date.now();
export const ago = (minutes: number) => new Date(start - minutes * 60_000).toISOString();
export const role = (key: string): RoleView => ({ key, name: key.replace('-', ' ') });

export const yes = (...roles: string[]): ActState => ({ allowed: true, reasons: [], roles: roles.map(role) });
export const no = (...reasons: [code: string, sentence: string, next: string][]): ActState => ({
  allowed: false,
  reasons: reasons.map(([code, sentence, next_step]) => ({ code, sentence, next_step })),
  roles: [],
});
export const done = (said: string): Done => ({ entries: ['e1'], id: 'made', said });

export const brief = (label: string, service = 'web'): BuildBrief => ({ id: `${service}-${label}`, label, commit: '8be3d02', service, service_name: service });
