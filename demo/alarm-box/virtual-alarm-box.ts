import { connect, type Socket } from 'node:net';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { type Clock, systemClock, type TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { buildMessage, type MessageToBuild } from '../../protocols/sia-dc09/build.ts';
import { buildContactId, type ContactIdEvent } from '../../protocols/sia-dc09/contact-id.ts';
import { FrameReader } from '../../protocols/sia-dc09/frame-reader.ts';
import { parseFrame } from '../../protocols/sia-dc09/parse.ts';

const ANSWER_TIMEOUT_MS = 5000;
const RETRY_MS = 2000;
const ATTEMPTS_MAX = 30;

/** What the alarm box is made of. */
export interface VirtualAlarmBoxOptions {
  /** Where the receiver listens. */
  receiver: { address: string; port: number };
  /** The box dials from its own address. */
  address: string;
  account: string;
  supervisionMs: number;
  log: Log;
  clock?: Clock;
}

/**
 * The township's alarm box: a premises unit that speaks SIA DC-09 (ADM-CID over TCP), supervises its line with NULL
 * messages and repeats what was not acknowledged, as EN 50136 units do.
 */
export class VirtualAlarmBox {
  readonly #options: VirtualAlarmBoxOptions;
  readonly #clock: Clock;
  #sequence = 0;
  #supervision: TimerHandle | null = null;
  #stopped = true;
  #socket: Socket | null = null;

  constructor(options: VirtualAlarmBoxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#stopped = false;
    this.#supervision = this.#clock.every(this.#options.supervisionMs, () => void this.#report({ id: 'NULL' }));
    void this.#report({ id: 'NULL' });
  }

  stop(): void {
    this.#stopped = true;
    this.#supervision?.cancel();
    this.#socket?.destroy();
  }

  /** Sends an event until the receiver acknowledged it; resolves to whether it did. */
  send(event: Omit<ContactIdEvent, 'account'>): Promise<boolean> {
    const { account } = this.#options;
    return this.#report({ id: 'ADM-CID', data: buildContactId(account, event) });
  }

  /** The help button: Contact ID 120 (panic) on zone 1. */
  pressHelp(): Promise<boolean> {
    return this.send({ qualifier: '1', code: '120', partition: '01', zone: '001' });
  }

  /** The help button is reset. */
  resetHelp(): Promise<boolean> {
    return this.send({ qualifier: '3', code: '120', partition: '01', zone: '001' });
  }

  async #report(content: Pick<MessageToBuild, 'id' | 'data'>): Promise<boolean> {
    this.#sequence = (this.#sequence % 9999) + 1;
    const message = { ...content, sequence: this.#sequence, account: this.#options.account };
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !this.#stopped; attempt++) {
      try {
        if ((await this.#exchange(message)) === 'ACK') return true;
      } catch (error) {
        this.#options.log.debug({ attempt }, `alarm box: ${messageOf(error)}`);
      }
      await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve));
    }
    return false;
  }

  #exchange(message: MessageToBuild): Promise<string> {
    return new Promise((resolve, reject) => {
      const { receiver, address } = this.#options;
      const socket = connect({ host: receiver.address, port: receiver.port, localAddress: address });
      this.#socket = socket;
      const reader = new FrameReader();
      const timer = this.#clock.after(ANSWER_TIMEOUT_MS, () =>
        socket.destroy(new SharpEyesError('TIMEOUT', 'the receiver does not answer')),
      );
      socket.on('connect', () => socket.write(buildMessage({ ...message, timestampMs: this.#clock.nowMs() })));
      socket.on('data', (chunk) => {
        for (const item of reader.push(chunk)) {
          if (item.kind !== 'frame') continue;
          resolve(parseFrame(item.bytes).message.id);
          socket.end();
        }
      });
      socket.on('error', reject);
      socket.on('close', () => {
        timer.cancel();
        reject(new SharpEyesError('DEVICE_UNREACHABLE', 'the receiver closed the connection'));
      });
    });
  }
}
