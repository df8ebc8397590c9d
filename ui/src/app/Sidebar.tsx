import { Menu } from '@base-ui/react/menu';
import { ChevronsUpDown, CircleAlert, GitFork, Inbox, Notebook, Rocket, ScrollText, Settings, Star, TrainTrack } from 'lucide-react';
import { Fragment, type ComponentType } from 'react';
import { useDo } from '../api/client';
import type { DeskView } from '../api/wire';
import { Avatar } from '../components/Avatar';
import { Glyph } from '../components/Glyph';
import { useNow } from '../components/RelativeTime';
import { text } from '../text';
import { number, relative } from '../text/time';
import { useDesk } from './desk';
import { href } from './router';
import { useToast } from './toasts';

export const screens = ['inbox', 'line', 'releases', 'features', 'issues', 'strategy', 'ledger', 'settings'] as const;
export type ScreenName = (typeof screens)[number];

const icons: Record<ScreenName, ComponentType<{ 'aria-hidden': 'true' }>> = {
  inbox: Inbox,
  line: TrainTrack,
  releases: Rocket,
  features: Star,
  issues: CircleAlert,
  strategy: GitFork,
  ledger: ScrollText,
  settings: Settings,
};

export function Sidebar({ at }: { at: string }) {
  const { view, product, chooseProduct } = useDesk();
  return (
    <nav className="side" aria-label={text.app.navigation}>
      <div className="brand">
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <rect x="1" y="1" width="18" height="18" rx="4" />
          <path d="M4 14h12M6 14V6l8 2.4L6 10.6" />
        </svg>
        <span>{text.app.name}</span>
      </div>
      <div className="nav">
        {screens.map((name) => {
          const Icon = icons[name];
          const count = name === 'inbox' ? view.inbox : 0;
          return (
            <a key={name} href={href([name])} aria-current={at === name ? 'page' : name === 'releases' && at === 'releasing' ? 'true' : undefined} title={text.screens[name]}>
              <Icon aria-hidden="true" />
              <span className="nav-label">{text.screens[name]}</span>
              {count > 0 ? (
                <span className="nav-count">
                  {number(count)} <span className="hidden-visually">{text.app.waiting}</span>
                </span>
              ) : null}
            </a>
          );
        })}
      </div>
      {view.products.length > 0 ? (
        <div className="side-products">
          <h2 className="side-title">{text.app.products}</h2>
          <div className="nav">
            {view.products.map((each) => (
              <Fragment key={each.id}>
                <a href={href(['line', each.services[0]?.id])} aria-current={at === 'line' && each.id === product?.id ? 'true' : undefined} onClick={() => chooseProduct(each.id)}>
                  <Notebook aria-hidden="true" />
                  <span className="ellipsis">{each.name}</span>
                </a>
                {each.id === product?.id ? (
                  <a className="nav-under" href={href(['releasing', each.id])} aria-current={at === 'releasing' ? 'page' : undefined}>
                    {text.releasing.link}
                  </a>
                ) : null}
              </Fragment>
            ))}
          </div>
        </div>
      ) : null}
      <div className="side-space" />
      <div className="side-foot">
        <Who view={view} />
        {view.ledger ? <LedgerLine ledger={view.ledger} /> : null}
      </div>
    </nav>
  );
}

function Who({ view }: { view: DeskView }) {
  const toast = useToast();
  const change = useDo('person_switch', (done) => toast({ message: done.said }));
  const me = view.me;
  if (!me) return null;
  return (
    <Menu.Root>
      <Menu.Trigger className="who-button" disabled={change.busy} title={text.app.changeWho}>
        <Avatar name={me.name} />
        <span className="hidden-visually">{text.app.signsHere}</span>
        <span className="who-name">
          <span>{me.name}</span>
          <span className="faint">{me.roles.map((role) => role.name).join(', ')}</span>
        </span>
        <ChevronsUpDown aria-hidden="true" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="menu-layer" side="top" align="start" sideOffset={6}>
          <Menu.Popup className="menu">
            <Menu.Group>
              <Menu.GroupLabel className="menu-title">{text.app.keysHere}</Menu.GroupLabel>
              {view.here.map((person) => (
                <Menu.Item key={person.id} className="menu-item" onClick={() => (person.id === me.id ? undefined : change.run({ person: person.id }))}>
                  <Avatar name={person.name} />
                  <span className="who-name">
                    <span>{person.name}</span>
                    <span className="faint">{person.roles.map((role) => role.name).join(', ')}</span>
                  </span>
                  {person.id === me.id ? <Glyph shape="check" /> : null}
                </Menu.Item>
              ))}
            </Menu.Group>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function LedgerLine({ ledger }: { ledger: NonNullable<DeskView['ledger']> }) {
  const now = useNow();
  const when = ledger.verified_at ? relative(ledger.verified_at, now) : null;
  if (ledger.findings > 0) {
    return (
      <a className="ledger-line" href={href(['ledger'])}>
        {text.app.ledgerFindings(ledger.findings)}
      </a>
    );
  }
  return <span className="ledger-line faint">{when ? text.app.ledgerVerified(number(ledger.verified), when) : text.app.ledgerUnverified}</span>;
}
