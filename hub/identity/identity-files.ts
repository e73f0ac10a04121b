import { join } from 'node:path';

/** Files of the hub's identity inside its data folder. */
export function identityFiles(dataFolder: string): { ca: string; caKey: string; server: string; serverKey: string } {
  const file = (name: string): string => join(dataFolder, 'identity', name);
  return { ca: file('ca.pem'), caKey: file('ca.key'), server: file('server.pem'), serverKey: file('server.key') };
}
