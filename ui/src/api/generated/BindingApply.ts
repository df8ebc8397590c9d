// x
import type { BindingApplyRow } from "./BindingApplyRow";

export type BindingApply = { connection: string, product: string, rows: Array<BindingApplyRow>, };
