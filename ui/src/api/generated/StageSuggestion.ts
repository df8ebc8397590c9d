// x
import type { StageBrief } from "./StageBrief";
import type { StageWay } from "./StageWay";

export type StageSuggestion = { stage: StageBrief, way: StageWay, remote: string | null, gate: string | null, why: string, };
