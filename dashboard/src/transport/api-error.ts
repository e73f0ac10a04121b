import { ERRORS, type ErrorCode } from '../../../contract/errors.ts';

/** A request that did not succeed. `code` is the hub's, or `OFFLINE` when the hub could not be reached at all. */
export class ApiError extends Error {
  readonly code: ErrorCode | 'OFFLINE';
  readonly status: number;

  constructor(code: ErrorCode | 'OFFLINE', status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_BODY',
  401: 'NOT_SIGNED_IN',
  403: 'NOT_ALLOWED',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'LIMIT_REACHED',
  504: 'TIMEOUT',
};

/** Reads the body of an answer that was not successful; falls back to the HTTP status where the body says nothing. */
export function readApiError(status: number, body: unknown): ApiError {
  const outer = asRecord(body);
  const inner = asRecord(outer?.['error']) ?? outer;
  const code = inner?.['code'];
  const message = inner?.['message'];
  const text = typeof message === 'string' ? message : '';
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) return new ApiError(code as ErrorCode, status, text);
  return new ApiError(CODE_BY_STATUS[status] ?? (status >= 502 ? 'OFFLINE' : 'INTERNAL'), status, text);
}

/** The code of whatever was thrown. */
export function errorCode(thrown: unknown): ErrorCode | 'OFFLINE' {
  return thrown instanceof ApiError ? thrown.code : 'INTERNAL';
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
