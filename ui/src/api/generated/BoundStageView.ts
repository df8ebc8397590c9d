// x
import type { StageWay } from "./StageWay";

export type BoundStageView = { stage: string, way: StageWay, remote: string, gate: string | null, };
