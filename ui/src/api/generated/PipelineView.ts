// x

export type PipelineView = { id: string, name: string, stages: Array<string>, };
