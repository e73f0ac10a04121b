/**
 * Headless viewers in a process of their own. The first line on standard input is the order as JSON; after that each
 * line `counts` prints the counts as JSON, `reset` forgets the holes.
 */
import { createInterface } from 'node:readline';
import { Audience, type AudienceOrder } from './audience.ts';

let audience: Audience | null = null;
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'counts') process.stdout.write(`${JSON.stringify(audience?.counts())}\n`);
  else if (line === 'reset') audience?.reset();
  else {
    audience = new Audience(JSON.parse(line) as AudienceOrder);
    audience.start();
  }
});
