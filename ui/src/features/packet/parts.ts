/** Sorts a packet's parts for the sheet; every line stays reachable, whatever new parts the core adds. */

import type { PacketLineView, PacketPart, PacketView } from '../../api/wire';

export interface Difference {
  comparedWith: string;
  features: PacketLineView[];
  components: PacketLineView[];
  /** Parts that no other section of the sheet shows. */
  rest: PacketPart[];
}

/** Parts that the header, the gate or the deployment section shows in its own way. */
const shown = ['build', 'digest', 'compared with', 'components', 'features', 'deployment', 'checks', 'checklist', 'rule'];

export function differenceOf(view: Pick<PacketView, 'parts'>): Difference {
  const lines = (part: string) => view.parts.filter((each) => each.part === part).flatMap((each) => each.lines);
  return {
    comparedWith: lines('compared with')[0]?.text ?? '',
    features: lines('features'),
    components: lines('components'),
    rest: view.parts.filter((each) => !shown.includes(each.part)),
  };
}

export function digestsOf(view: Pick<PacketView, 'parts'>): string[] {
  return view.parts.filter((each) => each.part === 'digest').flatMap((each) => each.lines.map((line) => `${line.label} ${line.text}`));
}
