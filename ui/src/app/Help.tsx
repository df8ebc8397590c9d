import { Dialog } from '../components/Dialog';
import { Kbd } from '../components/Kbd';
import { text } from '../text';
import { useAllActions } from './actions';

/** The help sheet: the registry, grouped, as it is on this screen. */
export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const actions = useAllActions().filter((action) => action.keys);
  const groups = [...new Set(actions.map((action) => action.group))];
  return (
    <Dialog open={open} onClose={onClose} title={text.keys.helpTitle} intro={text.keys.helpIntro} wide>
      <div className="help">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {actions
                .filter((action) => action.group === group)
                .map((action) => (
                  <li key={action.id}>
                    <span>{action.title}</span>
                    {action.keys ? <Kbd keys={action.keys} /> : null}
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
