// x
import type { ProxyChoice } from "./ProxyChoice";

export type AddressForm = { base: string, account: string | null, ca_file: string | null, proxy: ProxyChoice, options: { [key in string]: string }, };
