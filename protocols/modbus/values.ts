/** How registers make a number. */
export const MODBUS_TYPES = ['uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const;
/** One of {@link MODBUS_TYPES}. */
export type ModbusType = (typeof MODBUS_TYPES)[number];

/** Which register of a larger number comes first. */
export type WordOrder = 'high-first' | 'low-first';

const REGISTERS: Readonly<Record<ModbusType, number>> = {
  uint16: 1,
  int16: 1,
  uint32: 2,
  int32: 2,
  float32: 2,
  float64: 4,
};

/** Registers that a number takes. */
export function registersOf(type: ModbusType): number {
  return REGISTERS[type];
}

/** The number in registers; null when they are too few or it is none (NaN, infinity), as meters say that they measure nothing. */
export function numberOf(registers: readonly number[], type: ModbusType, words: WordOrder): number | null {
  const count = REGISTERS[type];
  if (registers.length < count) return null;
  const ordered = registers.slice(0, count);
  if (words === 'low-first') ordered.reverse();
  const view = new DataView(new ArrayBuffer(8));
  for (const [index, register] of ordered.entries()) view.setUint16(index * 2, register);
  const value = read(view, type);
  return Number.isFinite(value) ? value : null;
}

function read(view: DataView, type: ModbusType): number {
  switch (type) {
    case 'uint16':
      return view.getUint16(0);
    case 'int16':
      return view.getInt16(0);
    case 'uint32':
      return view.getUint32(0);
    case 'int32':
      return view.getInt32(0);
    case 'float32':
      return view.getFloat32(0);
    case 'float64':
      return view.getFloat64(0);
  }
}
