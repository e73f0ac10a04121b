import { SharpEyesError } from '../../../contract/errors.ts';
import type { RegisterRule } from '../../profiles/schema.ts';
import { type Block, blocksOf, valuesOf } from './blocks.ts';
import type { ModbusConnection } from './connection.ts';

/** "It has no such address": one of the registers in between does not exist. */
const NO_SUCH_ADDRESS = 2;

/** Reads all registers of a profile, again and again, and remembers how the device likes to be asked. */
export class RegisterPoll {
  readonly #rules: readonly RegisterRule[];
  #blocks: Block[];
  #apart = false;
  /** Registers that the device does not have. */
  readonly missing = new Set<string>();

  constructor(rules: readonly RegisterRule[]) {
    this.#rules = rules;
    this.#blocks = blocksOf(rules, false);
  }

  /**
   * The values by their names.
   * @throws SharpEyesError what {@link ModbusConnection.read} throws; DEVICE_UNSUPPORTED when the device has none of them
   */
  async once(connection: ModbusConnection): Promise<Record<string, number | boolean>> {
    const values: Record<string, number | boolean> = {};
    for (const block of this.#blocks) {
      try {
        Object.assign(values, valuesOf(block, await connection.read(block.read)));
      } catch (error) {
        if (!isMissing(error)) throw error;
        if (!this.#apart) return this.#onceApart(connection);
        for (const { id } of block.rules) this.missing.add(id);
        if (this.missing.size === this.#rules.length) throw error;
      }
    }
    return values;
  }

  #onceApart(connection: ModbusConnection): Promise<Record<string, number | boolean>> {
    this.#apart = true;
    this.#blocks = blocksOf(this.#rules, true);
    return this.once(connection);
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof SharpEyesError &&
    error.code === 'DEVICE_UNSUPPORTED' &&
    error.context['exception'] === NO_SUCH_ADDRESS
  );
}
