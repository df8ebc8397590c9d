// x
import type { Reason } from "./Reason";

export type BindingOutcome = { pipeline: string, service: string, done: boolean, said: string, reasons: Array<Reason>, };
