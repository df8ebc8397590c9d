// x
import type { CapabilityView } from "./CapabilityView";
import type { Notice } from "./Notice";
import type { PipelineView } from "./PipelineView";

export type TestView = { ok: boolean, account: string, version: string, proxy: string, pipelines: Array<PipelineView>, more: boolean, capabilities: Array<CapabilityView>, problems: Array<Notice>, };
