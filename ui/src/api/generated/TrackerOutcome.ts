// x
import type { Reason } from "./Reason";
import type { TrackerCourse } from "./TrackerCourse";

export type TrackerOutcome = { key: string, title: string, course: TrackerCourse, said: string, reasons: Array<Reason>, };
