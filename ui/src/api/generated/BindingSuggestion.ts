// x
import type { RemoteStage } from "./RemoteStage";
import type { StageSuggestion } from "./StageSuggestion";

export type BindingSuggestion = { pipeline: string, stages: Array<StageSuggestion>, remote: Array<RemoteStage>, can_drive: boolean, cannot_drive: string, };
