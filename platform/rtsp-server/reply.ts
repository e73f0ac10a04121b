import { type ErrorKind, SharpEyesError } from '../../contract/errors.ts';
import type { HeaderList } from '../../protocols/rtsp/build.ts';

/** The answer to a request. */
export interface Reply {
  status: number;
  headers?: HeaderList;
  body?: string;
  /** What begins once the answer is on its way. */
  after?(): void;
  /** The connection ends behind it. */
  close?: boolean;
}

const STATUS: Partial<Record<ErrorKind, number>> = {
  forbidden: 403,
  'not-found': 404,
  limit: 453,
  unavailable: 503,
  timeout: 503,
  peer: 415,
};

/** The status for whatever was thrown; the reason stays with us. */
export function replyToError(error: unknown): Reply {
  return { status: error instanceof SharpEyesError ? (STATUS[error.kind] ?? 500) : 500 };
}
