// x
import type { StageMap } from "./StageMap";

export type BindingApplyRow = { pipeline: string, service: string, stages: Array<StageMap> | null, };
