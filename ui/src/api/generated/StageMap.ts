// x
import type { StageWay } from "./StageWay";

export type StageMap = { stage: string, way: StageWay, remote: string | null, gate: string | null, };
