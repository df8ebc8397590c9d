// x

export type NearMiss = { name: string, why: string, };
