// x
import type { TrackerOutcome } from "./TrackerOutcome";

export type TrackerOutcomes = { rows: Array<TrackerOutcome>, };
