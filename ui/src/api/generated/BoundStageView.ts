// x
import type { BindingWay } from "./BindingWay";

export type BoundStageView = { stage: string, way: BindingWay, remote: string, gate: string | null, };
