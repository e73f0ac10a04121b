import { SharpEyesError } from '../../../contract/errors.ts';
import type { ModbusRead } from '../../../protocols/modbus/read.ts';
import type { RegisterRule } from '../../profiles/schema.ts';
import { type Block, blocksOf, valuesOf } from './blocks.ts';

/** Who asks the device. */
export interface ModbusReader {
  /** @throws SharpEyesError see `ModbusConnection.read` */
  read(read: ModbusRead): Promise<number[]>;
}

/** Exceptions that say "I do not have that": function, address, number of values. */
const NOT_THERE: ReadonlySet<unknown> = new Set([1, 2, 3]);
/** After so many rounds what was not there is asked for again: a meter that starts has nothing for a while. */
const ROUNDS_WITHOUT = 60;

/** Reads all registers of a profile, again and again, and remembers how the device likes to be asked. */
export class RegisterPoll {
  readonly #rules: readonly RegisterRule[];
  readonly #device: ModbusReader;
  #blocks: Block[];
  #rounds = 0;

  constructor(rules: readonly RegisterRule[], device: ModbusReader) {
    this.#rules = rules;
    this.#device = device;
    this.#blocks = blocksOf(rules, false);
  }

  /**
   * The values by their names; what the device does not have is left out.
   * @throws SharpEyesError what {@link ModbusReader.read} throws, also when it has none of them
   */
  async once(): Promise<Record<string, number | boolean>> {
    this.#rounds += 1;
    if (this.#rounds % ROUNDS_WITHOUT === 0) this.#blocks = blocksOf(this.#rules, false);
    const values: Record<string, number | boolean> = {};
    const kept: Block[] = [];
    let refusal: unknown = null;
    const waiting = [...this.#blocks];
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      try {
        Object.assign(values, valuesOf(block, await this.#device.read(block.read)));
        kept.push(block);
      } catch (error) {
        if (!isNotThere(error)) throw error;
        refusal = error;
        // One of several may be the one that is not there.
        if (block.rules.length > 1) waiting.unshift(...blocksOf(block.rules, true));
      }
    }
    if (kept.length === 0 && refusal !== null) throw refusal;
    this.#blocks = kept;
    return values;
  }
}

function isNotThere(error: unknown): boolean {
  return (
    error instanceof SharpEyesError && error.code === 'DEVICE_UNSUPPORTED' && NOT_THERE.has(error.context['exception'])
  );
}
