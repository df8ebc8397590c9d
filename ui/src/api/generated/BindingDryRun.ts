// x

export type BindingDryRun = { connection: string, product: string, prefix: string, };
