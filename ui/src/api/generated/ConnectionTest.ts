// x
import type { AddressForm } from "./AddressForm";

export type ConnectionTest = { connection: string | null, kind: string | null, address: AddressForm | null, typed_host: string | null, secret: string | null, prefix: string | null, };
