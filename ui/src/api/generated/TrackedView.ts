// x
import type { Reason } from "./Reason";
import type { TrackerFeatureView } from "./TrackerFeatureView";

export type TrackedView = { tracked: TrackerFeatureView | null, tracker: string, asked: string | null, problem: Reason | null, };
