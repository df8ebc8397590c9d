// x

export type TrackerVersions = { connection: string, project: string, };
