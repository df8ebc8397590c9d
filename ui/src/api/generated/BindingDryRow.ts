// x
import type { BindingCourse } from "./BindingCourse";
import type { Notice } from "./Notice";
import type { StageSuggestion } from "./StageSuggestion";

export type BindingDryRow = { pipeline: string, name: string, service: string, course: BindingCourse, stages: Array<StageSuggestion>, notices: Array<Notice>, };
