// x
import type { AddressForm } from "./AddressForm";
import type { ConnectionRole } from "./ConnectionRole";
import type { Reason } from "./Reason";
import type { SecretState } from "./SecretState";

export type ConnectionView = { id: string, kind: string, title: string, role: ConnectionRole, name: string, address: AddressForm | null, plain_http: boolean, secret: SecretState, problem: Reason | null, services: Array<string>, };
