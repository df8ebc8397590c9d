/** What a person has typed about the way to a system, and how it becomes a request. */

import type { CallError } from '../../api/errors';
import type { AddressForm, KindView } from '../../api/wire';

export interface AddressDraft {
  base: string;
  account: string;
  options: Readonly<Record<string, string>>;
  caFile: string;
  proxy: 'system' | 'none' | 'url';
  proxyUrl: string;
  /** The host's name, typed to allow an address without encryption. */
  typedHost: string;
  /** Never filled from the core: what is kept does not come back. */
  secret: string;
}

export const emptyDraft: AddressDraft = { base: '', account: '', options: {}, caFile: '', proxy: 'system', proxyUrl: '', typedHost: '', secret: '' };

export function draftOf(address: AddressForm | null): AddressDraft {
  if (!address) return emptyDraft;
  const { base, account, ca_file, proxy, options } = address;
  const url = typeof proxy === 'object' ? proxy.url : '';
  return {
    ...emptyDraft,
    base,
    account: account ?? '',
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, value ?? ''])),
    caFile: ca_file ?? '',
    proxy: typeof proxy === 'object' ? 'url' : proxy,
    proxyUrl: url,
  };
}

export function formOf(draft: AddressDraft): AddressForm {
  return {
    base: draft.base.trim(),
    account: draft.account.trim() || null,
    ca_file: draft.caFile.trim() || null,
    proxy: draft.proxy === 'url' ? { url: draft.proxyUrl.trim() } : draft.proxy,
    options: Object.fromEntries(Object.entries(draft.options).filter(([, value]) => value.trim() !== '')),
  };
}

/** The parts of a request that go beside the address. */
export const besideOf = (draft: AddressDraft) => ({ typed_host: draft.typedHost.trim() || null, secret: draft.secret || null });

/** Whether everything that the kind can't do without is filled in; a kept secret needs no second typing. */
export function isFilled(kind: KindView, draft: AddressDraft, secretKept: boolean): boolean {
  return kind.fields.every((field) => !field.required || (field.secret ? secretKept || draft.secret !== '' : valueOf(draft, field.name).trim() !== ''));
}

export function valueOf(draft: AddressDraft, name: string): string {
  if (name === 'base') return draft.base;
  if (name === 'account') return draft.account;
  return draft.options[name] ?? '';
}

export function withValue(draft: AddressDraft, name: string, value: string): AddressDraft {
  if (name === 'base') return { ...draft, base: value };
  if (name === 'account') return { ...draft, account: value };
  return { ...draft, options: { ...draft.options, [name]: value } };
}

/** Whether the core wants the host's name typed before it speaks without encryption. */
export function asksForHost(errors: readonly (CallError | null)[]): boolean {
  return errors.some((error) => error?.code === plainHttp || error?.reasons.some((reason) => reason.code === plainHttp));
}

const plainHttp = 'address.plain-http';
