import { type ModbusRead, type ModbusTable, READ_MAX } from '../../../protocols/modbus/read.ts';
import { numberOf, registersOf } from '../../../protocols/modbus/values.ts';
import type { RegisterRule } from '../../profiles/schema.ts';

/** One request and the registers that it brings. */
export interface Block {
  readonly read: ModbusRead;
  readonly rules: readonly RegisterRule[];
}

/** Registers between two wanted ones that are read along rather than asking twice. */
const GAP_MAX = 8;

/**
 * Requests for all registers, as few as may be.
 * @param apart one for each: some devices refuse a request over an address that they do not have
 */
export function blocksOf(rules: readonly RegisterRule[], apart: boolean): Block[] {
  const blocks: { read: { table: ModbusTable; address: number; count: number }; rules: RegisterRule[] }[] = [];
  const order = [...rules].sort((a, b) => (a.table === b.table ? a.address - b.address : a.table < b.table ? -1 : 1));
  for (const rule of order) {
    const { table, address } = rule;
    const end = address + sizeOf(rule);
    const last = apart ? undefined : blocks.at(-1);
    const lastEnd = last === undefined ? 0 : last.read.address + last.read.count;
    if (
      last !== undefined &&
      last.read.table === table &&
      address - lastEnd <= GAP_MAX &&
      end - last.read.address <= READ_MAX[table]
    ) {
      last.read.count = Math.max(last.read.count, end - last.read.address);
      last.rules.push(rule);
    } else blocks.push({ read: { table, address, count: end - address }, rules: [rule] });
  }
  return blocks;
}

/** The values that a block brought, by name; what is no number is left out. */
export function valuesOf({ read, rules }: Block, registers: readonly number[]): Record<string, number | boolean> {
  const values = rules.flatMap((rule): [string, number | boolean][] => {
    const own = registers.slice(rule.address - read.address);
    if (isBit(rule.table)) return own[0] === undefined ? [] : [[rule.id, own[0] === 1]];
    const value = numberOf(own, rule.type ?? 'uint16', rule.words ?? 'high-first');
    return value === null ? [] : [[rule.id, value]];
  });
  return Object.fromEntries(values);
}

function sizeOf(rule: RegisterRule): number {
  return isBit(rule.table) ? 1 : registersOf(rule.type ?? 'uint16');
}

function isBit(table: ModbusTable): boolean {
  return table === 'coil' || table === 'discrete';
}
