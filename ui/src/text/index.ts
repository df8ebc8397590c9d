/** The words on the screen, in the person's language. English is the only catalogue so far. */

import { en } from './en';

export type Catalogue = typeof en;

export const text: Catalogue = en;
