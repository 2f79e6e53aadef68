// Styles first: those of a view come behind those that it builds on.
import './design/tokens.css';
import './design/base.css';
import './design/parts.css';
import './design/drawings.css';
import './design/shell.css';
import './signature/signature.css';
import { render } from 'preact';
import { App } from './app.js';
import { startRoutes } from './routes.js';
import { learnWhoIsHere } from './state/service.js';
import { takeKeyFromAddress } from './state/session.js';
import { startTheme } from './state/theme.js';

takeKeyFromAddress();
startTheme();
startRoutes();
render(<App />, document.getElementById('page')!);
learnWhoIsHere().catch(() => undefined); // told where it is needed
