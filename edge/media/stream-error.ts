import { type ErrorCode, SharpEyesError } from '../../contract/errors.ts';
import type { StreamReason } from './types.ts';

const CODES: Readonly<Record<Exclude<StreamReason, 'ok' | 'stopped'>, ErrorCode>> = {
  'refused-credentials': 'DEVICE_REFUSED_CREDENTIALS',
  unreachable: 'DEVICE_UNREACHABLE',
  'no-answer': 'TIMEOUT',
  silent: 'STREAM_SILENT',
  garbage: 'RTSP_PROTOCOL',
  refused: 'STREAM_REFUSED',
  ended: 'STREAM_ENDED',
  'unsupported-codec': 'STREAM_UNSUPPORTED',
  'transcoder-failed': 'TRANSCODER_MISSING',
  'address-not-allowed': 'ADDRESS_NOT_ALLOWED',
};

/** The error that ends a session for a reason of {@link StreamReason}. */
export function streamError(reason: keyof typeof CODES, message: string, cause?: unknown): SharpEyesError {
  return new SharpEyesError(CODES[reason], message, { cause });
}

/** The reason behind an error that ended a session. What nobody foresaw counts as garbage from the device. */
export function reasonOf(error: unknown): StreamReason {
  if (!(error instanceof SharpEyesError)) return 'garbage';
  for (const [reason, code] of Object.entries(CODES)) if (code === error.code) return reason as StreamReason;
  return 'garbage';
}
