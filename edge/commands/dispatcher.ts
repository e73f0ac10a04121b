import { Check, Errors } from 'typebox/value';
import {
  COMMANDS,
  type CommandName,
  type CommandParams,
  type CommandReply,
  CommandRequest,
  type CommandResult,
} from '../../contract/command.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** Carries one command out; `signal` aborts when nobody waits for the result any more. */
export type CommandHandler<N extends CommandName> = (
  params: CommandParams<N>,
  signal: AbortSignal,
) => CommandResult<N> | Promise<CommandResult<N>>;

/** One handler per command; the composition root wires it. */
export type CommandTable = { readonly [N in CommandName]?: CommandHandler<N> };

/** What {@link CommandDispatcher} is built from. */
export interface DispatcherOptions {
  handlers: CommandTable;
  clock: Clock;
  log: Log;
  /** Sends a `CommandReply` as JSON text. */
  reply(json: string): void;
}

/** Most commands carried out at the same moment; more are refused. */
const RUNNING_MAX = 32;
/** Ids remembered, so that a message that comes twice is carried out once. */
const REMEMBERED_MAX = 1000;
/** A reply that is larger is replaced by an error. */
const REPLY_BYTES = 8 * 1024 * 1024;

/**
 * Takes orders of the hub: each is checked against its schema, carried out at most once, answered exactly once, and
 * given up when its time is over.
 */
export class CommandDispatcher {
  readonly #options: DispatcherOptions;
  /** Replies by id; null while the command runs. */
  readonly #seen = new Map<string, string | null>();
  readonly #aborts = new Set<AbortController>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Gives up everything that runs. */
  stop(): void {
    for (const abort of this.#aborts) abort.abort(new SharpEyesError('EDGE_OFFLINE', 'the edge is being stopped'));
  }

  /** An order came as bytes. Never throws; what cannot be read at all is only logged. */
  receive(payload: Uint8Array): void {
    const request = readRequest(payload);
    if (request === null) {
      this.#options.log.warn({ bytes: payload.length }, 'an order does not have the documented shape; it was ignored');
      return;
    }
    const before = this.#seen.get(request.id);
    if (before !== undefined) {
      if (before !== null) this.#options.reply(before);
      return;
    }
    this.#remember(request.id, null);
    void this.#run(request);
  }

  async #run(request: CommandRequest): Promise<void> {
    const { clock, log } = this.#options;
    const abort = new AbortController();
    const timer = clock.after(request.ttlMs, () => {
      abort.abort(new SharpEyesError('TIMEOUT', `${request.name} was not done within ${request.ttlMs} ms`));
    });
    let reply: CommandReply;
    try {
      if (this.#aborts.size >= RUNNING_MAX)
        throw new SharpEyesError('LIMIT_REACHED', 'the edge has too many orders to do');
      this.#aborts.add(abort);
      reply = { id: request.id, ok: true, result: await this.#carryOut(request, abort.signal) };
    } catch (error) {
      reply = { id: request.id, ok: false, error: errorOf(error) };
      log.info({ order: request.name, code: reply.error?.code }, `an order failed: ${messageOf(error)}`);
    } finally {
      timer.cancel();
      this.#aborts.delete(abort);
    }
    const json = bounded(reply);
    this.#remember(request.id, json.length <= 64 * 1024 ? json : null);
    this.#options.reply(json);
  }

  #carryOut(request: CommandRequest, signal: AbortSignal): Promise<unknown> {
    const { name } = request;
    if (!isCommand(name)) throw new SharpEyesError('NOT_FOUND', `this edge knows no order "${name.slice(0, 64)}"`);
    const schema = COMMANDS[name].params;
    if (!Check(schema, request.params)) {
      const [error] = Errors(schema, request.params);
      const where = error?.instancePath === '' ? '' : ` at ${error?.instancePath}`;
      throw new SharpEyesError('INVALID_BODY', `the parameters of ${name} do not fit: ${error?.message}${where}`);
    }
    // The schema of this very name was checked above.
    const handler = this.#options.handlers[name] as (params: unknown, signal: AbortSignal) => unknown;
    return Promise.race([Promise.resolve().then(() => handler(request.params, signal)), rejection(signal)]);
  }

  #remember(id: string, reply: string | null): void {
    this.#seen.delete(id);
    this.#seen.set(id, reply);
    if (this.#seen.size <= REMEMBERED_MAX) return;
    const oldest = this.#seen.keys().next();
    if (!oldest.done) this.#seen.delete(oldest.value);
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function readRequest(payload: Uint8Array): CommandRequest | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return Check(CommandRequest, value) ? value : null;
  } catch {
    return null;
  }
}

function errorOf(error: unknown): NonNullable<CommandReply['error']> {
  if (error instanceof SharpEyesError) return { code: error.code, message: error.message.slice(0, 1024) };
  return { code: 'INTERNAL', message: 'the edge could not do it; its log has the details' };
}

function bounded(reply: CommandReply): string {
  const json = JSON.stringify(reply);
  if (json.length <= REPLY_BYTES) return json;
  const error = { code: 'LIMIT_REACHED', message: `the answer has ${json.length} bytes; ask for less` };
  return JSON.stringify({ id: reply.id, ok: false, error });
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
