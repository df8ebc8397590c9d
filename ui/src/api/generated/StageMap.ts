// x
import type { BindingWay } from "./BindingWay";

export type StageMap = { stage: string, way: BindingWay, remote: string | null, gate: string | null, };
