// x

export type BindingSuggest = { connection: string, pipeline: string, service: string, };
