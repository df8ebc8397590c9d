// x
import type { ActState } from "./ActState";
import type { BindingView } from "./BindingView";
import type { ConnectionView } from "./ConnectionView";

export type Connections = { connections: Array<ConnectionView>, bindings: Array<BindingView>, add: ActState, };
