import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { startTranslation } from './i18n/i18n.ts';
import { usePreferences } from './preferences/preferences.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/ui.css';

startTranslation(usePreferences.getState().language);
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
