// x

export type TrackerImport = { connection: string, product: string, keys: Array<string>, dry_run: boolean, };
