import { CHOICE_REASONS, type InitDescription, type SentStream } from '../../../contract/media-frame.ts';

/** Reads the JSON of an init message; null when it lacks a codec. */
export function parseDescription(text: string): InitDescription | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { codec, width, height, sent } = value as Record<string, unknown>;
  if (typeof codec !== 'string' || codec === '') return null;
  const description = { codec, width: sizeOf(width), height: sizeOf(height) };
  const known = sentOf(sent);
  return known === null ? description : { ...description, sent: known };
}

function sizeOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

function sentOf(value: unknown): SentStream | null {
  if (typeof value !== 'object' || value === null) return null;
  const { stream, why, keyFramesOnly } = value as Record<string, unknown>;
  const known = CHOICE_REASONS.find((name) => name === why);
  if (known === undefined || (stream !== 'main' && stream !== 'sub')) return null;
  return { stream, why: known, keyFramesOnly: keyFramesOnly === true };
}
