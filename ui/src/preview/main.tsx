import { createRoot } from 'react-dom/client';
import { App } from '../app/App';
import '../styles';
import { fakeHost } from './fakeHost';
import { answers, desk } from './sample';

// ?theme=dark&scale=200&start=1 set what the settings and the first start would.
const query = new URLSearchParams(location.search);
const host = fakeHost({
  ...answers,
  settings_show: () => ({ theme: (query.get('theme') ?? 'light') as 'light' | 'dark', text_scale: Number(query.get('scale') ?? 100), verify_at_start: true }),
  desk_show: () => (query.get('start') ? { ...desk, first_start: true, me: null, products: [], ledger: null, notices: [] } : desk),
});
const root = document.getElementById('root');
if (root) createRoot(root).render(<App host={host} />);
