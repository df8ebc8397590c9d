// x
import type { BindingWay } from "./BindingWay";
import type { StageBrief } from "./StageBrief";

export type StageSuggestion = { stage: StageBrief, way: BindingWay, remote: string | null, gate: string | null, why: string, };
