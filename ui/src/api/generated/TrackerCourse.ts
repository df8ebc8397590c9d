// x

export type TrackerCourse = "taken" | "known" | "absent" | "refused";
