import type { EventKind } from '../../../contract/event.ts';
import type { en } from '../i18n/en/catalogue.ts';

type KindKey = keyof typeof en.words.kinds;
type Dashed<K extends string> = K extends `${infer A}.${infer B}` ? `${A}-${Dashed<B>}` : K;

/** Key of the word for a kind of event; a kind of a newer hub reads as "other". */
export function kindKey(kind: string, known: (key: string) => boolean): `words.kinds.${KindKey}` {
  const dashed = kind.replaceAll('.', '-') as Dashed<EventKind>;
  return known(`words.kinds.${dashed}`) ? `words.kinds.${dashed}` : 'words.kinds.other';
}
