// x
import type { StageWay } from "./StageWay";
import type { StageBrief } from "./StageBrief";

export type StageSuggestion = { stage: StageBrief, way: StageWay, remote: string | null, gate: string | null, why: string, };
