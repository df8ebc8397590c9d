// x
import type { ActState } from "./ActState";
import type { BindingDryRow } from "./BindingDryRow";
import type { NearMiss } from "./NearMiss";

export type BindingDry = { rows: Array<BindingDryRow>, near_misses: Array<NearMiss>, more: boolean, apply: ActState, };
