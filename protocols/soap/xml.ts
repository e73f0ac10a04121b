import { XMLParser } from 'fast-xml-parser';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { decodeEntities, decodeXmlBytes } from './text.ts';

/** One element. Names are local names: devices choose, forget and misdeclare prefixes. */
export interface XmlElement {
  readonly name: string;
  readonly prefix: string;
  /** The namespace where its prefix is declared, else null (devices leave declarations out). */
  readonly namespace: string | null;
  /** Attributes by local name, without namespace declarations. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text, entities resolved, white space trimmed. */
  readonly text: string;
  /** Namespaces in force here by prefix ('' is the default), for qualified names inside text. */
  readonly scope: ReadonlyMap<string, string>;
}

/** Bounds of what is accepted from a device. */
export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
}

/** Generous for the largest answer seen in the field (GetServices with capabilities, about 60 KB). */
export const DEFAULT_XML_LIMITS: XmlLimits = { maxBytes: 1_048_576, maxDepth: 64, maxElements: 20_000 };

const ATTRIBUTES = ':@';
const TEXT = '#text';
const CDATA = '#cdata';

/**
 * Reads an XML document as devices write them: undeclared prefixes, broken declarations and content after the
 * document are tolerated; a DOCTYPE, truncation and anything beyond the limits are not.
 * @throws SharpEyesError DEVICE_PROTOCOL when it is not XML or cut short, LIMIT_REACHED beyond the limits
 */
export function parseXml(source: Uint8Array | string, limits: XmlLimits = DEFAULT_XML_LIMITS): XmlElement {
  if (source.length > limits.maxBytes) {
    throw new SharpEyesError(
      'LIMIT_REACHED',
      `the document has ${source.length} bytes, ${limits.maxBytes} are allowed`,
    );
  }
  const text = typeof source === 'string' ? source : decodeXmlBytes(source);
  if (!/^[\s\ufeff]*</.test(text)) throw notXml('it does not begin with a tag');
  if (/<!DOCTYPE/i.test(text)) throw notXml('it declares a document type, which SOAP forbids (an HTML page?)');
  const roots = parseNodes(text, limits);
  const budget = { elements: limits.maxElements };
  for (const node of roots) {
    const element = toElement(node, new Map(), limits.maxDepth, budget);
    if (element !== null) return requireClosed(element, text);
  }
  throw notXml('it has no element');
}

function notXml(reason: string, cause?: unknown): SharpEyesError {
  return new SharpEyesError('DEVICE_PROTOCOL', `the answer is not a usable XML document: ${reason}`, { cause });
}

function parseNodes(text: string, limits: XmlLimits): unknown[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    allowBooleanAttributes: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    cdataPropName: CDATA,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: limits.maxDepth,
  });
  try {
    const nodes: unknown = parser.parse(escapeStrayBrackets(text));
    return Array.isArray(nodes) ? nodes : [];
  } catch (error) {
    throw notXml(messageOf(error), error);
  }
}

/** A `<` that begins no tag is text that the device forgot to escape. */
function escapeStrayBrackets(text: string): string {
  return text.includes('<![CDATA[') ? text : text.replace(/<(?![A-Za-z_/!?])/g, '&lt;');
}

function requireClosed(root: XmlElement, text: string): XmlElement {
  const qualified = root.prefix === '' ? root.name : `${root.prefix}:${root.name}`;
  const selfClosed = root.children.length === 0 && root.text === '' && /\/>\s*$/.test(text);
  if (!selfClosed && !text.includes(`</${qualified}`)) throw notXml(`it is cut short inside <${qualified}>`);
  return root;
}

type Scope = ReadonlyMap<string, string>;

/** Turns one ordered node of the parser into an element; null for text and comments. */
function toElement(node: unknown, outer: Scope, depth: number, budget: { elements: number }): XmlElement | null {
  if (!isRecord(node)) return null;
  const tag = Object.keys(node).find((key) => key !== ATTRIBUTES);
  if (tag === undefined || tag === TEXT || tag === CDATA || tag.startsWith('?') || tag.startsWith('!')) return null;
  budget.elements -= 1;
  if (budget.elements < 0 || depth <= 0) {
    throw new SharpEyesError('LIMIT_REACHED', 'the document has more elements or levels than are allowed');
  }
  const { attributes, scope } = readAttributes(node[ATTRIBUTES], outer);
  const content = node[tag];
  const children: XmlElement[] = [];
  let text = '';
  for (const item of Array.isArray(content) ? content : []) {
    text += ownText(item);
    const child = toElement(item, scope, depth - 1, budget);
    if (child !== null) children.push(child);
  }
  const { prefix, local } = splitName(tag);
  return { name: local, prefix, namespace: scope.get(prefix) ?? null, attributes, children, text: text.trim(), scope };
}

function readAttributes(raw: unknown, outer: Scope): { attributes: Map<string, string>; scope: Scope } {
  const attributes = new Map<string, string>();
  let scope = outer;
  for (const [name, value] of isRecord(raw) ? Object.entries(raw) : []) {
    const text = typeof value === 'string' ? decodeEntities(value) : '';
    const { prefix, local } = splitName(name);
    if (name === 'xmlns' || prefix === 'xmlns') {
      scope = new Map(scope).set(name === 'xmlns' ? '' : local, text);
    } else {
      attributes.set(local, text);
    }
  }
  return { attributes, scope };
}

function ownText(item: unknown): string {
  if (!isRecord(item)) return '';
  const text = item[TEXT];
  if (typeof text === 'string') return decodeEntities(text);
  const cdata = item[CDATA];
  if (!Array.isArray(cdata)) return '';
  return cdata.map((part) => (isRecord(part) && typeof part[TEXT] === 'string' ? part[TEXT] : '')).join('');
}

function splitName(qualified: string): { prefix: string; local: string } {
  const colon = qualified.indexOf(':');
  return colon < 0
    ? { prefix: '', local: qualified }
    : { prefix: qualified.slice(0, colon), local: qualified.slice(colon + 1) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
