// x

export type TrackerVersionView = { id: string, name: string, released: boolean, unresolved: number | null, };
