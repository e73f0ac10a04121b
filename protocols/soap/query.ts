import type { XmlElement } from './xml.ts';

/** The first child with this local name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name);
}

/** All children with this local name. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((candidate) => candidate.name === name) ?? [];
}

/** Walks down by local names, first match at each step. */
export function at(element: XmlElement | undefined, ...names: string[]): XmlElement | undefined {
  return names.reduce<XmlElement | undefined>((current, name) => child(current, name), element);
}

/** The text at a path, or null where the path or the text is missing. */
export function textAt(element: XmlElement | undefined, ...names: string[]): string | null {
  const text = at(element, ...names)?.text;
  return text === undefined || text === '' ? null : text;
}

/** The number at a path, or null where it is missing or not a finite number. */
export function numberAt(element: XmlElement | undefined, ...names: string[]): number | null {
  return toNumber(textAt(element, ...names));
}

/** A finite number from text, or null. */
export function toNumber(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** xs:boolean as devices write it: true, 1, TRUE; everything else is false; null where missing. */
export function toBoolean(text: string | null | undefined): boolean | null {
  if (text === null || text === undefined) return null;
  return /^(true|1)$/i.test(text.trim());
}

/** The first descendant (or the element itself) with this local name, in document order. */
export function find(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (element === undefined || element.name === name) return element;
  for (const candidate of element.children) {
    const found = find(candidate, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every descendant with this local name, in document order. */
export function findAll(element: XmlElement | undefined, name: string): XmlElement[] {
  if (element === undefined) return [];
  return element.children.flatMap((candidate) => [
    ...(candidate.name === name ? [candidate] : []),
    ...findAll(candidate, name),
  ]);
}

/** All text below an element, joined by spaces. */
export function deepText(element: XmlElement | undefined): string {
  if (element === undefined) return '';
  return [element.text, ...element.children.map(deepText)].filter((text) => text !== '').join(' ');
}

/** White-space separated tokens of a text. */
export function tokens(text: string | null | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((token) => token !== '');
}
