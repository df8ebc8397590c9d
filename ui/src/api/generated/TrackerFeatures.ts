// x
import type { TrackerFeatureView } from "./TrackerFeatureView";

export type TrackerFeatures = { features: Array<TrackerFeatureView>, more: boolean, };
