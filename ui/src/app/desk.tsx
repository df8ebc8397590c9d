/** What every screen knows of the desk: who signs here, the products, and which of them is looked at. */

import { createContext, useContext } from 'react';
import type { DeskView, ProductBrief, ServiceBrief } from '../api/wire';

export interface Desk {
  view: DeskView;
  /** The product that is looked at; none before there is one. */
  product: ProductBrief | null;
  chooseProduct: (id: string) => void;
  openPalette: () => void;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('No desk: screens are drawn inside the frame.');
  return desk;
}

/** The product and service that a service id names. */
export function serviceOf(view: DeskView, id: string | undefined): { product: ProductBrief; service: ServiceBrief } | null {
  for (const product of view.products) {
    const service = product.services.find((each) => each.id === id);
    if (service) return { product, service };
  }
  return null;
}
