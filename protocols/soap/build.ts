import { NAMESPACES, type Prefix } from './namespaces.ts';
import { escapeXml } from './text.ts';

/** Finished XML; plain strings are text and get escaped. */
export interface Markup {
  readonly markup: string;
}

/** What an element may contain; undefined and null are left out. */
export type Content = Markup | string | number | boolean | null | undefined | readonly Content[];

/** Attribute values; undefined and null are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

function render(content: Content): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'object') return 'markup' in content ? content.markup : content.map(render).join('');
  return escapeXml(String(content));
}

/** An element with attributes. `name` is written as given, so prefixes must be declared around it. */
export function element(name: string, attributes: Attributes, ...content: Content[]): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  const inner = render(content);
  return { markup: inner === '' ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>` };
}

/** An element without attributes. */
export function el(name: string, ...content: Content[]): Markup {
  return element(name, {}, ...content);
}

/** Several pieces of markup in a row. */
export function fragment(...content: Content[]): Markup {
  return { markup: render(content) };
}

/** A SOAP 1.2 envelope that declares the given prefixes. */
export function envelope(prefixes: readonly Prefix[], header: Content, body: Content): string {
  const declarations = Object.fromEntries(
    ['s' as const, ...prefixes].map((prefix) => [`xmlns:${prefix}`, NAMESPACES[prefix]]),
  );
  const headerMarkup = render(header);
  const document = element(
    's:Envelope',
    declarations,
    headerMarkup === '' ? undefined : el('s:Header', { markup: headerMarkup }),
    el('s:Body', body),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>${document.markup}`;
}
