import { createRoot } from 'react-dom/client';
import { desktopHost } from './api/host';
import { App } from './app/App';
import './styles';

const root = document.getElementById('root');
if (root) createRoot(root).render(<App host={desktopHost()} />);
