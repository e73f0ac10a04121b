import { SharpEyesError } from '../../../contract/errors.ts';

/** Null instead of a failure that only says that the device lacks something or answers badly. */
export async function optional<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const bearable =
      error instanceof SharpEyesError &&
      ['DEVICE_UNSUPPORTED', 'DEVICE_PROTOCOL', 'LIMIT_REACHED'].includes(error.code);
    if (bearable) return null;
    throw error;
  }
}
