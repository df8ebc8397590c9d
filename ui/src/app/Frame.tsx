import { useEffect, useState, type ReactNode } from 'react';
import { useAsk, useDo } from '../api/client';
import type { DeskView, Hit } from '../api/wire';
import { Button } from '../components/Button';
import { Glyph } from '../components/Glyph';
import { text } from '../text';
import { useActions } from './actions';
import { DeskContext, serviceOf } from './desk';
import { Help } from './Help';
import { noticeLook } from './looks';
import { Palette } from './Palette';
import { go, href, useRoute, type Route } from './router';
import { screens, Sidebar } from './Sidebar';
import { useToast } from './toasts';

const productAt = 'signalbox.product';
const letters = { inbox: 'i', line: 'l', releases: 'r', features: 'f', issues: 'p', strategy: 's', ledger: 'e', settings: ',' } as const;

/** Sidebar, palette, help and what stands on every screen, around the screen of the route. */
export function Frame({ view, children }: { view: DeskView; children: (route: Route) => ReactNode }) {
  const route = useRoute();
  const toast = useToast();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [typed, setTyped] = useState('');
  const [chosen, choose] = useState(() => localStorage.getItem(productAt));
  const named = route.screen === 'line' ? serviceOf(view, route.parts[0])?.product : route.screen === 'releasing' ? view.products.find((each) => each.id === route.parts[0]) : undefined;
  const product = named ?? view.products.find((each) => each.id === chosen) ?? view.products[0] ?? null;
  const productId = product?.id;
  useEffect(() => {
    if (productId) localStorage.setItem(productAt, productId);
  }, [productId]);

  const scan = useDo('builds_scan', (found) =>
    toast({ message: found.arrived.length > 0 ? text.line.arrived(found.arrived.map((build) => build.label).join(', ')) : text.line.nothingArrived }),
  );
  const settings = useAsk('settings_show', {});
  const appearance = useDo('settings_set');
  const words = typed.trim();
  const found = useAsk('find', { text: words }, { when: palette && words.length > 1, keep: true });

  useActions([
    { id: 'palette', title: text.keys.palette, group: text.keys.everywhere, keys: 'mod+k', shortcutOnly: true, run: () => setPalette(true) },
    { id: 'help', title: text.keys.help, group: text.keys.everywhere, keys: '?', run: () => setHelp(true) },
    ...screens.map((name) => ({ id: `go.${name}`, title: text.keys.goTo(text.screens[name]), group: text.keys.go, keys: `g ${letters[name]}`, run: () => go(href([name])) })),
    ...view.products.flatMap((each) =>
      each.services.map((service) => ({ id: `line.${service.id}`, title: text.keys.openLine(each.name, service.name), group: text.keys.go, run: () => go(href(['line', service.id])) })),
    ),
    ...view.products.map((each) => ({ id: `releasing.${each.id}`, title: text.releasing.open(each.name), group: text.keys.go, run: () => go(href(['releasing', each.id])) })),
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `theme.${theme}`,
      title: text.settings.useTheme[theme],
      group: text.settings.parts.appearance,
      run: () => (settings.data ? appearance.run({ ...settings.data, theme }) : undefined),
    })),
    { id: 'scan', title: text.line.scan, group: text.keys.everywhere, run: () => scan.run({ service: null }) },
    { id: 'release.plan', title: text.releases.plan, group: text.screens.releases, run: () => go(href(['releases'], { new: 'yes' })) },
    { id: 'feature.request', title: text.features.request, group: text.screens.features, run: () => go(href(['features'], { new: 'yes' })) },
    { id: 'issue.record', title: text.issues.record, group: text.screens.issues, run: () => go(href(['issues'], { new: 'yes' })) },
    { id: 'ledger.verify', title: text.ledger.verify, group: text.screens.ledger, run: () => go(href(['ledger'], { do: 'verify' })) },
    { id: 'ledger.export', title: text.ledger.export, group: text.screens.ledger, run: () => go(href(['ledger'], { do: 'export' })) },
  ]);

  const close = () => {
    setPalette(false);
    setTyped('');
  };
  const hits = words.length > 1 ? (found.data?.hits ?? []) : [];
  return (
    <DeskContext value={{ view, product, chooseProduct: choose, openPalette: () => setPalette(true) }}>
      <div className="app">
        <a
          className="skip"
          href="#screen"
          onClick={(event) => {
            event.preventDefault();
            document.getElementById('screen')?.focus();
          }}
        >
          {text.app.skip}
        </a>
        <div className="frame">
          <Sidebar at={route.screen || 'inbox'} />
          <div className="standing">
            {view.secrets.usable ? null : (
              <div className="standing-line" data-tone="stop" role="status">
                <Glyph shape="square" />
                <span>{text.app.locked}</span>
                <span className="muted grow">{view.secrets.detail}</span>
                <Button size="small" onClick={() => go(href(['settings', 'machine']))}>
                  {text.app.unlock}
                </Button>
              </div>
            )}
            {view.notices.map((notice) => {
              const look = noticeLook[notice.tone];
              return (
                <div key={notice.title + notice.detail} className="standing-line" data-tone={look.tone} role="status">
                  <Glyph shape={look.shape} />
                  <span>{notice.title}</span>
                  <span className="muted">{notice.detail}</span>
                </div>
              );
            })}
          </div>
          {children(route)}
        </div>
      </div>
      {palette ? (
        <Palette
          onClose={close}
          typed={typed}
          onType={setTyped}
          hits={hits.map((hit) => ({ key: `${hit.kind}:${hit.id}`, title: hit.title, kind: `${hit.kind} · ${hit.detail}`, open: () => go(linkOf(hit)) }))}
        />
      ) : null}
      <Help open={help} onClose={() => setHelp(false)} />
    </DeskContext>
  );
}

/** Where a found thing is shown. */
export function linkOf(hit: Hit): string {
  switch (hit.kind) {
    case 'build':
      return href(['line', hit.service], { build: hit.id });
    case 'service':
      return href(['line', hit.id]);
    case 'product':
      return href(['line', hit.service]);
    case 'release':
      return href(['releases', hit.id]);
    case 'feature':
      return href(['features', hit.id]);
    case 'issue':
      return href(['issues', hit.id]);
    case 'person':
      return href(['settings', 'people']);
    case 'strategy':
      return href(['strategy', hit.product]);
    default:
      return href(['ledger', hit.id]);
  }
}
