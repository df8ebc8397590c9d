// x
import type { BoundStageView } from "./BoundStageView";
import type { ServiceBrief } from "./ServiceBrief";

export type BindingView = { service: ServiceBrief, product: string, connection: string | null, pipeline: string, stages: Array<BoundStageView>, };
