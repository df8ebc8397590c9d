// x
import type { BindingOutcome } from "./BindingOutcome";

export type BindingOutcomes = { rows: Array<BindingOutcome>, };
