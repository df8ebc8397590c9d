// x
import type { AddressForm } from "./AddressForm";

export type ConnectionAdd = { kind: string, name: string, address: AddressForm, typed_host: string | null, secret: string | null, };
