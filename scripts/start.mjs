// `npm start`: installs what is missing, builds the dashboard if needed, starts hub, edge and the virtual township.
import { ensureDashboard, ensureInstalled, requireNode, runForeground } from './setup.mjs';

requireNode();
ensureInstalled();
ensureDashboard();
process.exit(await runForeground(['cli/main.ts', 'demo', ...process.argv.slice(2)]));
