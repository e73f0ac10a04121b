import { randomBytes } from 'node:crypto';
import { Compile } from 'typebox/compile';
import {
  COMMANDS,
  type CommandName,
  type CommandParams,
  CommandReply,
  type CommandRequest,
  type CommandResult,
} from '../../contract/command.ts';
import { ERRORS, type ErrorCode, SharpEyesError } from '../../contract/errors.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import { parseTopic, topics } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { EdgeLink } from '../broker/link.ts';

/** How one order differs from the others. */
export interface SendOptions {
  /** How long to wait for the answer. */
  timeoutMs?: number;
  /** How long the edge may take to begin; by default as long as the answer is waited for. */
  ttlMs?: number;
}

/** What {@link Commands} is built from. */
export interface CommandsOptions {
  link: Pick<EdgeLink, 'publish' | 'onMessage'>;
  clock: Clock;
  /** Whether an edge is connected; null for an unknown one. */
  isOnline(edgeId: string): boolean | null;
}

interface Pending {
  edgeId: string;
  name: CommandName;
  timer: TimerHandle;
  settle(outcome: { result: unknown } | { error: SharpEyesError }): void;
}

const TIMEOUT_MS = 10_000;
const PENDING_MAX = 2000;
const PENDING_PER_EDGE = 100;
/** Streams come and go with every change of a wall; they leave room for all else. */
const LIVE_PENDING_PER_EDGE = 90;
const TTL_RANGE_MS = [100, 600_000] as const;

const reply = Compile(CommandReply);
const results = new Map<CommandName, { Check(value: unknown): boolean }>();

function fits(name: CommandName, result: unknown): boolean {
  const check = results.get(name) ?? Compile(COMMANDS[name].result);
  results.set(name, check);
  return check.Check(result);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** Orders to edges: each has an id, a time in which it must be answered, and exactly one outcome. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #perEdge = new Map<string, number>();
  readonly #counters = { sent: 0, answered: 0, refused: 0, timedOut: 0, strayReplies: 0 };
  #unlisten: (() => void) | null = null;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Listens for replies. */
  start(): void {
    this.#unlisten = this.#options.link.onMessage((topic, payload, { retain }) => {
      const parsed = parseTopic(topic);
      if (parsed?.kind === 'replies') this.#takeReply(parsed.edgeId, payload);
      else if (parsed?.kind === 'status' && !retain) this.#takeStatus(parsed.edgeId);
    });
  }

  /** Ends every order that waits, with EDGE_OFFLINE. */
  stop(): void {
    this.#unlisten?.();
    this.#unlisten = null;
    for (const [id, { edgeId }] of [...this.#pending]) {
      this.#finish(id, { error: offline(edgeId, 'the hub is stopping') });
    }
  }

  /** Counters since the start, and how many orders wait. */
  counters(): Record<string, number> {
    return { ...this.#counters, pending: this.#pending.size };
  }

  /**
   * Gives an order to an edge and resolves with its result. Rejects with EDGE_UNKNOWN, EDGE_OFFLINE, TIMEOUT (the order
   * may have been carried out), LIMIT_REACHED, EDGE_PROTOCOL, or the error that the edge answered.
   */
  async send<N extends CommandName>(
    edgeId: string,
    name: N,
    params: CommandParams<N>,
    options: SendOptions = {},
  ): Promise<CommandResult<N>> {
    const { link, clock, isOnline } = this.#options;
    const online = isOnline(edgeId);
    if (online === null)
      throw new SharpEyesError('EDGE_UNKNOWN', `no edge ${edgeId} has joined`, { context: { edgeId } });
    if (!online) throw offline(edgeId, 'it is not connected');
    this.#checkLimits(edgeId, name);
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const ttlMs = Math.min(TTL_RANGE_MS[1], Math.max(TTL_RANGE_MS[0], Math.round(options.ttlMs ?? timeoutMs)));
    const id = timeOrderedId(clock.nowMs(), randomBytes(16));
    const request: CommandRequest = { id, name, params, ttlMs, sentAtMs: clock.nowMs() };
    const answer = this.#wait(id, edgeId, name, timeoutMs);
    this.#counters.sent++;
    link.publish(topics.commands(edgeId), JSON.stringify(request), { qos: 1 }).catch((cause: unknown) => {
      this.#finish(id, { error: offline(edgeId, 'the order could not be sent', cause) });
    });
    // The schema of this command's result was checked before the promise resolved.
    return (await answer) as CommandResult<N>;
  }

  #checkLimits(edgeId: string, name: CommandName): void {
    const most = name.startsWith('live.') ? LIVE_PENDING_PER_EDGE : PENDING_PER_EDGE;
    if (this.#pending.size < PENDING_MAX && (this.#perEdge.get(edgeId) ?? 0) < most) return;
    this.#counters.refused++;
    throw new SharpEyesError('LIMIT_REACHED', `too many orders wait for the edge ${edgeId}; try again in a moment`);
  }

  #wait(id: string, edgeId: string, name: CommandName, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(timeoutMs, () => {
        this.#counters.timedOut++;
        const message = `the edge ${edgeId} did not answer ${name} within ${timeoutMs} ms`;
        this.#finish(id, { error: new SharpEyesError('TIMEOUT', message, { context: { edgeId, name } }) });
      });
      this.#perEdge.set(edgeId, (this.#perEdge.get(edgeId) ?? 0) + 1);
      this.#pending.set(id, {
        edgeId,
        name,
        timer,
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result)),
      });
    });
  }

  #finish(id: string, outcome: Parameters<Pending['settle']>[0]): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    const left = (this.#perEdge.get(pending.edgeId) ?? 1) - 1;
    if (left === 0) this.#perEdge.delete(pending.edgeId);
    else this.#perEdge.set(pending.edgeId, left);
    pending.timer.cancel();
    pending.settle(outcome);
  }

  #takeReply(edgeId: string, payload: Uint8Array): void {
    const message = readReply(payload);
    const pending = message === null ? undefined : this.#pending.get(message.id);
    // An edge may only answer its own orders.
    if (message === null || pending === undefined || pending.edgeId !== edgeId) {
      this.#counters.strayReplies++;
      return;
    }
    this.#counters.answered++;
    this.#finish(message.id, outcomeOf(message, pending));
  }

  /** An edge that has just gone will not answer any more. */
  #takeStatus(edgeId: string): void {
    if (!this.#perEdge.has(edgeId)) return;
    // The registry hears the same message; it is asked after every listener had its turn.
    queueMicrotask(() => {
      if (this.#options.isOnline(edgeId) !== false) return;
      for (const [id, pending] of [...this.#pending]) {
        if (pending.edgeId === edgeId) this.#finish(id, { error: offline(edgeId, 'it went away before it answered') });
      }
    });
  }
}

function offline(edgeId: string, why: string, cause?: unknown): SharpEyesError {
  return new SharpEyesError('EDGE_OFFLINE', `edge ${edgeId}: ${why}`, { context: { edgeId }, cause });
}

function readReply(payload: Uint8Array): CommandReply | null {
  try {
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');
    const value: unknown = JSON.parse(text);
    return reply.Check(value) ? value : null;
  } catch {
    // Not JSON: counted as a stray reply by the caller.
    return null;
  }
}

function outcomeOf(message: CommandReply, { edgeId, name }: Pending): Parameters<Pending['settle']>[0] {
  const context = { edgeId, name };
  if (message.ok && fits(name, message.result)) return { result: message.result };
  if (message.ok || message.error === undefined) {
    const text = `the edge ${edgeId} answered ${name} in a shape that this hub does not know`;
    return { error: new SharpEyesError('EDGE_PROTOCOL', text, { context }) };
  }
  const { code, message: text } = message.error;
  return { error: new SharpEyesError(isErrorCode(code) ? code : 'EDGE_PROTOCOL', text, { context }) };
}
