import { useDesk } from '../../app/desk';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { Tabs } from '../../components/Segmented';
import { text } from '../../text';
import { Appearance } from './Appearance';
import { Connections } from './Connections';
import { People } from './People';
import { ThisMachine } from './ThisMachine';

const parts = ['people', 'connections', 'appearance', 'machine'] as const;
type Part = (typeof parts)[number];

export function Settings({ route }: { route: Route }) {
  const { view } = useDesk();
  const asked = route.parts[0] as Part | undefined;
  const part = asked && parts.includes(asked) ? asked : 'people';
  return (
    <Screen title={text.screens.settings}>
      <div className="pane">
        <Tabs label={text.screens.settings} value={part} segments={parts.map((name) => ({ value: name, label: text.settings.parts[name] }))} onChange={(next) => go(href(['settings', next]), true)}>
          {part === 'people' ? <People /> : null}
          {part === 'connections' ? <Connections /> : null}
          {part === 'appearance' ? <Appearance /> : null}
          {part === 'machine' ? <ThisMachine view={view} /> : null}
        </Tabs>
      </div>
    </Screen>
  );
}
