import type { Host } from '../api/host';
export function App({ host }: { host: Host }) { return <p>{String(Boolean(host))}</p>; }
