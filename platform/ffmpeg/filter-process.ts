import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { messageOf } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../clock.ts';
import type { Log } from '../log.ts';

/** What a {@link FilterProcess} is built from. */
export interface FilterProcessOptions {
  /** Starts the program with pipes for all three of its streams. */
  spawn(): ChildProcess;
  clock: Clock;
  log: Log;
  /** It takes input and gives nothing for so long: it hangs, and is ended. */
  hangMs: number;
  /** What it writes. Throwing ends it. */
  onOutput(chunk: Uint8Array): void;
  /** It has ended, of itself, by `kill()` or because it could not be started. Called once, never within `start()`. */
  onEnd(): void;
}

const STDERR_LINES = 20;
const STDERR_LINE_CHARS = 300;
const CHECK_EVERY_MS = 1000;

/**
 * A program that turns what is written to it into something else: ffmpeg. It runs at low priority, what it says goes to
 * the log at `debug`, and it never outlives us: its input is a pipe that ends with this process, and `kill()` is not
 * asked for twice.
 */
export class FilterProcess {
  readonly #options: FilterProcessOptions;
  readonly #said: string[] = [];
  #child: ChildProcess | null = null;
  #isEnded = false;
  #ended: Promise<void> = Promise.resolve();
  /** Since when input waits for output, monotonic; null while none does. */
  #owingSinceMs: number | null = null;
  #watch: TimerHandle | null = null;

  constructor(options: FilterProcessOptions) {
    this.#options = options;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Bytes that were written and that it has not taken yet. */
  get queuedBytes(): number {
    return this.#child?.stdin?.writableLength ?? 0;
  }

  start(): void {
    const { clock, log } = this.#options;
    const child = this.#spawn();
    if (child === null) return;
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (how: Record<string, unknown>): void => {
        resolve();
        this.#end(how);
      };
      child.once('error', (error) => end({ reason: error.message }));
      child.once('close', (code, signal) => end({ code, signal }));
    });
    // Its end is heard above; a pipe that breaks before says nothing more.
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('error', () => undefined);
    child.stderr?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Uint8Array) => this.#take(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#hear(String(chunk)));
    this.#watch = clock.every(CHECK_EVERY_MS, () => this.#check());
    try {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch (error) {
      log.debug({ err: error }, 'the encoder runs at normal priority');
    }
  }

  /** Bytes to work on; what comes after its end is dropped. */
  write(bytes: Uint8Array): void {
    const input = this.#child?.stdin;
    if (input == null || !input.writable || this.#isEnded) return;
    this.#owingSinceMs ??= this.#options.clock.monotonicMs();
    input.write(bytes);
  }

  /** Ends it at once. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill();
    await this.#ended;
  }

  /** Some failures, as a lack of memory, come as an exception; its end is told as that of any other. */
  #spawn(): ChildProcess | null {
    try {
      return this.#options.spawn();
    } catch (error) {
      queueMicrotask(() => this.#end({ reason: messageOf(error) }));
      return null;
    }
  }

  #take(chunk: Uint8Array): void {
    this.#owingSinceMs = null;
    if (this.#isEnded) return;
    try {
      this.#options.onOutput(chunk);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the encoder wrote what cannot be read; it is ended');
      this.kill();
    }
  }

  #hear(text: string): void {
    for (const line of text.split('\n')) {
      if (line.trim() !== '') this.#said.push(line.slice(0, STDERR_LINE_CHARS));
    }
    this.#said.splice(0, this.#said.length - STDERR_LINES);
  }

  #check(): void {
    const { clock, hangMs, log } = this.#options;
    if (this.#owingSinceMs === null || clock.monotonicMs() - this.#owingSinceMs < hangMs) return;
    log.warn({ hangMs }, 'the encoder takes pictures and gives none; it is ended');
    this.kill();
  }

  #end(how: Record<string, unknown>): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#watch?.cancel();
    this.#options.log.debug({ ...how, said: this.#said }, 'the encoder ended');
    this.#options.onEnd();
  }
}
