import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { messageOf } from '../../contract/errors.ts';
import { EdgeEvent } from '../../contract/event.ts';
import { EventBatch } from '../../contract/topics.ts';
import type { IngestContext } from './ports.ts';
import type { CheckedBatch, CheckedEvent, Turn } from './turn.ts';

/** Larger messages are not even parsed. 500 events of the largest useful size fit. */
export const PAYLOAD_MAX_BYTES = 4 * 1024 * 1024;
const RAW_KEPT = 2000;
/** Broken batches that one turn keeps; the rest is only counted, so that a flood of them is no flood of writes. */
const KEPT_PER_TURN = 4;

const wholeBatch = Compile(EventBatch);
const oneEvent = Compile(EdgeEvent);
/** The envelope alone, for batches in which single events are wrong. */
const envelope = Compile(
  Type.Object(
    {
      epoch: EventBatch.properties.epoch,
      first: EventBatch.properties.first,
      events: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 500 }),
    },
    { additionalProperties: false },
  ),
);

interface Checker {
  Check(value: unknown): boolean;
  Errors(value: unknown): { instancePath: string; message: string }[];
}

/** The first fault in words. */
export function faultOf(checker: Checker, value: unknown): string {
  const [first] = checker.Errors(value);
  return first === undefined
    ? 'wrong shape'
    : `${first.instancePath === '' ? 'value' : first.instancePath} ${first.message}`;
}

/** Reads JSON; a reason when it is none. */
export function readJson(payload: Uint8Array): { value: unknown } | { reason: string } {
  if (payload.length > PAYLOAD_MAX_BYTES) return { reason: `larger than ${PAYLOAD_MAX_BYTES} bytes` };
  try {
    return { value: JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8')) };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** The beginning of a payload as text, for the table of what was set aside. */
export function beginningOf(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, RAW_KEPT)).toString('utf8');
}

function checkEvent(value: unknown): CheckedEvent {
  if (oneEvent.Check(value)) return { ok: true, event: value };
  return { ok: false, reason: faultOf(oneEvent, value), raw: JSON.stringify(value).slice(0, RAW_KEPT) };
}

function checkBatch(payload: Uint8Array): CheckedBatch | { reason: string } {
  const read = readJson(payload);
  if ('reason' in read) return read;
  const { value } = read;
  if (wholeBatch.Check(value)) {
    return { epoch: value.epoch, first: value.first, events: value.events.map((event) => ({ ok: true, event })) };
  }
  if (!envelope.Check(value)) return { reason: faultOf(envelope, value) };
  return { epoch: value.epoch, first: value.first, events: value.events.map(checkEvent) };
}

/**
 * First stage: reads batches. A batch whose envelope is wrong is set aside whole. In a good envelope a wrong event is
 * set aside alone, later and only if it is new, so that one bad event stops neither its neighbours nor its lane.
 */
export function validate(turn: Turn, { counts, clock }: IngestContext): void {
  for (const payload of turn.payloads) {
    const checked = checkBatch(payload);
    if ('epoch' in checked) {
      turn.batches.push(checked);
      continue;
    }
    counts.malformed++;
    if (turn.setAside.length >= KEPT_PER_TURN) {
      counts.notKept++;
      continue;
    }
    const { edgeId, lane } = turn;
    const raw = beginningOf(payload);
    turn.setAside.push({ edgeId, from: `events/${lane}`, atMs: clock.nowMs(), reason: checked.reason, raw });
  }
}

/** A compiled check together with its type, for the other messages of an edge. */
export function compiled<S extends TSchema>(schema: S) {
  return Compile(schema);
}
