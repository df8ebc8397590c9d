import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './tokens.css';
import './base.css';
import './components.css';
import './track.css';
import './frame.css';
import './screens.css';
