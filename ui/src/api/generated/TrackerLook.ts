// x

export type TrackerLook = { connection: string, project: string, version: string, };
