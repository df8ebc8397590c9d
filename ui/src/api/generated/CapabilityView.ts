// x

export type CapabilityView = { name: string, able: boolean, detail: string, next_step: string, };
