// x
import type { ConnectionRole } from "./ConnectionRole";
import type { FieldView } from "./FieldView";

export type KindView = { kind: string, title: string, role: ConnectionRole, fields: Array<FieldView>, least: string, docs: string, };
