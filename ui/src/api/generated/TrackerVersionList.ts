// x
import type { TrackerVersionView } from "./TrackerVersionView";

export type TrackerVersionList = { versions: Array<TrackerVersionView>, more: boolean, };
