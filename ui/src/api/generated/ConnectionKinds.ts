// x
import type { KindView } from "./KindView";

export type ConnectionKinds = { kinds: Array<KindView>, };
