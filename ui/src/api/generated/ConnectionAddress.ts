// x
import type { AddressForm } from "./AddressForm";

export type ConnectionAddress = { connection: string, address: AddressForm, typed_host: string | null, secret: string | null, };
