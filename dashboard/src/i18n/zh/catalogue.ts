import { admin } from './admin.ts';
import { common } from './common.ts';
import { devices } from './devices.ts';
import { errors } from './errors.ts';
import { footage } from './footage.ts';
import { incidents } from './incidents.ts';
import { live } from './live.ts';
import { shell } from './shell.ts';
import { wall } from './wall.ts';
import { words } from './words.ts';

/** Every text of the dashboard. */
export const zh = { admin, common, devices, errors, footage, incidents, live, shell, wall, words };
