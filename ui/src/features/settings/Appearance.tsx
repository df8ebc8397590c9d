import { useAsk, useDo } from '../../api/client';
import type { Settings, Theme } from '../../api/wire';
import { scales, useSingleKeys } from '../../app/appearance';
import { Answer } from '../../components/Answer';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, Select } from '../../components/Field';
import { Segmented } from '../../components/Segmented';
import { text } from '../../text';

const themes: readonly Theme[] = ['system', 'light', 'dark'];

export function Appearance() {
  const settings = useAsk('settings_show', {});
  return <Answer of={settings}>{(known) => <Form settings={known} />}</Answer>;
}

function Form({ settings }: { settings: Settings }) {
  const set = useDo('settings_set');
  const [single, setSingle] = useSingleKeys();
  const change = (part: Partial<Settings>) => set.run({ ...settings, ...part });
  const nearest = scales.reduce((best, scale) => (Math.abs(scale - settings.text_scale) < Math.abs(best - settings.text_scale) ? scale : best), 100);
  return (
    <div className="pad form measure">
      <div className="field">
        <span className="field-label">{text.settings.theme}</span>
        <div>
          <Segmented label={text.settings.theme} value={settings.theme} segments={themes.map((theme) => ({ value: theme, label: text.settings.themes[theme] }))} onChange={(theme) => change({ theme })} />
        </div>
      </div>
      <div className="short">
        <Select label={text.settings.scale} value={String(nearest)} choices={scales.map((scale) => ({ value: String(scale), label: text.settings.percent(scale) }))} onChange={(event) => change({ text_scale: Number(event.target.value) })} />
      </div>
      <Checkbox label={text.settings.singleKeys} hint={text.settings.singleKeysHint} checked={single} onChange={(event) => setSingle(event.target.checked)} />
      <Checkbox label={text.settings.verifyAtStart} hint={text.settings.verifyAtStartHint} checked={settings.verify_at_start} onChange={(event) => change({ verify_at_start: event.target.checked })} />
      {set.error ? <ErrorNotice error={set.error} /> : null}
    </div>
  );
}
