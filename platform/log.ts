import { pino } from 'pino';

/** A structured logger; the first argument carries context (never secrets), the second the sentence. */
export interface Log {
  debug(context: object, message: string): void;
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
  child(bindings: object): Log;
}

const REDACTED = ['password', 'secret', 'token', 'authorization', 'cookie', '*.password', '*.secret', '*.token'];

/**
 * One JSON line per entry on standard error. `SHARP_EYES_LOG` sets the level (debug, info, warn, error, silent);
 * the default is info.
 */
export function createLog(name: string): Log {
  return pino(
    { name, level: process.env['SHARP_EYES_LOG'] ?? 'info', redact: REDACTED, base: { name } },
    pino.destination({ dest: 2, sync: false }),
  );
}

/** Replaces user information in URLs by `***`, for logs and messages. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, '$1***@');
}

/** A logger that keeps quiet, for tests and tools. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
