import type { Log } from '../../platform/log.ts';

/** A logger that keeps what it was told. */
export class RecordingLog implements Log {
  readonly entries: { level: string; context: object; message: string }[] = [];

  debug(context: object, message: string): void {
    this.entries.push({ level: 'debug', context, message });
  }
  info(context: object, message: string): void {
    this.entries.push({ level: 'info', context, message });
  }
  warn(context: object, message: string): void {
    this.entries.push({ level: 'warn', context, message });
  }
  error(context: object, message: string): void {
    this.entries.push({ level: 'error', context, message });
  }
  child(): Log {
    return this;
  }
}
