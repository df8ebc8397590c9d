// x

export type RemoteStage = { id: string, name: string, environment: string | null, gates: Array<string>, };
