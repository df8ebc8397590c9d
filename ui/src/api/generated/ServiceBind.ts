// x
import type { StageMap } from "./StageMap";

export type ServiceBind = { service: string, connection: string, pipeline: string, stages: Array<StageMap> | null, };
