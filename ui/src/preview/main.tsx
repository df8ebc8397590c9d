import { createRoot } from 'react-dom/client';
import { TrackGallery } from './TrackGallery';
import '../styles';

const root = document.getElementById('root');
const theme = new URLSearchParams(location.search).get('theme');
if (theme) document.documentElement.dataset['theme'] = theme;
document.documentElement.dataset['scale'] = new URLSearchParams(location.search).get('scale') ?? '100';
if (root) createRoot(root).render(<TrackGallery />);
