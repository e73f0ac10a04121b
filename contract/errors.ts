/**
 * The one registry of errors. A code is stable, is what programs match on and what the documentation lists;
 * the message is for a person and carries what is needed to act.
 */

/** What kind of fault it is; decides the HTTP status and whether trying again can help. */
export type ErrorKind =
  | 'invalid-input'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'limit'
  | 'unavailable'
  | 'timeout'
  | 'peer'
  | 'corrupt'
  | 'internal';

/** Every error code, its kind and one sentence on what it means and what to do. */
export const ERRORS = {
  // general
  INVALID_BODY: { kind: 'invalid-input', help: 'The request body does not have the documented shape.' },
  NOT_FOUND: { kind: 'not-found', help: 'There is nothing under this address or id, or it is outside your area.' },
  CONFLICT: { kind: 'conflict', help: 'Somebody changed it meanwhile; load it again and repeat the change.' },
  LIMIT_REACHED: {
    kind: 'limit',
    help: 'A configured limit is reached; wait, or raise the limit in the configuration.',
  },
  TIMEOUT: { kind: 'timeout', help: 'The other side did not answer in time.' },
  INTERNAL: { kind: 'internal', help: 'A fault of ours; the log has the details under the request id.' },

  // configuration and command line
  CONFIG_INVALID: {
    kind: 'invalid-input',
    help: 'The configuration file is wrong; file, line and the allowed values follow.',
  },
  CONFIG_MISSING: { kind: 'not-found', help: 'The configuration file does not exist.' },
  PORT_TAKEN: {
    kind: 'conflict',
    help: 'Another program listens on this port; stop it or choose another with --port.',
  },

  // access
  NOT_SIGNED_IN: { kind: 'unauthenticated', help: 'Sign in first.' },
  BAD_CREDENTIALS: { kind: 'unauthenticated', help: 'Account or password is wrong.' },
  TOO_MANY_ATTEMPTS: { kind: 'limit', help: 'Too many failed attempts; wait a minute.' },
  NOT_ALLOWED: { kind: 'forbidden', help: 'Your role or area does not include this.' },
  PASSWORD_CHANGE_NEEDED: { kind: 'forbidden', help: 'Choose a password of your own first; then everything opens.' },
  BAD_ORIGIN: { kind: 'forbidden', help: 'The request came from another site.' },

  // joining and the edge-hub link
  JOIN_TOKEN_INVALID: {
    kind: 'forbidden',
    help: 'The join file is unknown, used or expired; issue a new one with `sharp-eyes hub enrol`.',
  },
  EDGE_UNKNOWN: { kind: 'not-found', help: 'No edge with this id has joined.' },
  EDGE_OFFLINE: { kind: 'unavailable', help: 'The edge is not connected; the order was not carried out.' },
  EDGE_PROTOCOL: {
    kind: 'peer',
    help: 'The edge answered something that this hub does not understand; bring both to the same version.',
  },
  EDGE_IMPERSONATION: { kind: 'forbidden', help: 'An edge used a topic or an id that is not its own.' },
  HUB_UNREACHABLE: {
    kind: 'unavailable',
    help: 'The hub does not answer or its certificate is not the expected one; check address, network and join file.',
  },
  NOT_JOINED: {
    kind: 'invalid-input',
    help: 'This edge has not joined a hub yet; start it once with the join file (--join).',
  },
  MESSAGE_MALFORMED: {
    kind: 'invalid-input',
    help: 'The message does not have the documented shape; it was set aside.',
  },

  // devices
  DEVICE_UNKNOWN: { kind: 'not-found', help: 'No device with this id is known.' },
  DEVICE_UNREACHABLE: { kind: 'unavailable', help: 'The device does not answer; check address, power and network.' },
  DEVICE_REFUSED_CREDENTIALS: { kind: 'peer', help: 'The device refuses the user name or password.' },
  DEVICE_PROTOCOL: { kind: 'peer', help: 'The device answered something that its protocol does not allow.' },
  DEVICE_UNSUPPORTED: { kind: 'peer', help: 'The device does not offer this function.' },
  PTZ_BUSY: { kind: 'conflict', help: 'Somebody else turns this camera; wait until it stands still for five seconds.' },
  ADDRESS_NOT_ALLOWED: { kind: 'forbidden', help: 'This address is not inside the networks that the edge may dial.' },
  PROFILE_INVALID: { kind: 'invalid-input', help: 'A device profile does not have the documented shape.' },

  // media
  STREAM_UNKNOWN: { kind: 'not-found', help: 'The device has no stream of this name.' },
  STREAM_UNSUPPORTED: { kind: 'peer', help: 'The stream uses a codec or transport that is not supported.' },
  STREAM_ENDED: { kind: 'unavailable', help: 'The device ended the stream.' },
  STREAM_SILENT: { kind: 'timeout', help: 'The device accepted the stream, but no picture comes.' },
  STREAM_REFUSED: { kind: 'peer', help: 'The device refuses this stream; check the path and how many may watch it.' },
  RTSP_PROTOCOL: { kind: 'peer', help: 'The RTSP server answered something that RFC 2326 does not allow.' },
  TRANSCODER_MISSING: {
    kind: 'unavailable',
    help: 'The pictures have to be encoded anew, and there is no ffmpeg: install it, or set FFMPEG_BIN to its path.',
  },
  TRANSCODER_BUSY: {
    kind: 'limit',
    help: 'As many streams are encoded anew as the configuration allows; close a picture, or raise live.transcodes.',
  },
  MEDIA_MALFORMED: { kind: 'corrupt', help: 'The media data is damaged.' },

  // storage and recording
  STORAGE_FULL: { kind: 'unavailable', help: 'The disk is full; free space or move the data folder.' },
  STORAGE_FAILED: { kind: 'unavailable', help: 'The disk or database refused an operation; the log has the details.' },
  FOOTAGE_MISSING: { kind: 'not-found', help: 'Nothing was recorded for this camera in this time.' },

  // evidence
  PACKAGE_MALFORMED: { kind: 'corrupt', help: 'The package is not a Sharp Eyes evidence package or is damaged.' },
  PACKAGE_TAMPERED: { kind: 'corrupt', help: 'Something in the package was changed after it was sealed.' },
  SIGNER_UNTRUSTED: {
    kind: 'forbidden',
    help: 'The package is intact, but was signed by another key than the trusted one.',
  },

  // incidents
  INCIDENT_STATE: { kind: 'conflict', help: 'The incident is not in a state that allows this step.' },
  RULES_INVALID: {
    kind: 'invalid-input',
    help: 'A correlation rule is wrong; file, line and the allowed values follow.',
  },
} as const satisfies Record<string, { kind: ErrorKind; help: string }>;

/** A code of the registry. */
export type ErrorCode = keyof typeof ERRORS;

/** Scalars that explain an error to a person or a log; never secrets. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The only error class that is thrown on purpose. */
export class SharpEyesError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly context: ErrorContext;

  /**
   * @param code from {@link ERRORS}
   * @param message what happened to what, for a person who has to act
   * @param options `context` for logs and the API's answer, `cause` for the original error
   */
  constructor(code: ErrorCode, message: string, options: { context?: ErrorContext; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'SharpEyesError';
    this.code = code;
    this.kind = ERRORS[code].kind;
    this.context = options.context ?? {};
  }
}

/** HTTP status for each kind. */
export const HTTP_STATUS: Readonly<Record<ErrorKind, number>> = {
  'invalid-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
  timeout: 504,
  peer: 502,
  corrupt: 422,
  internal: 500,
};

/** A sentence for whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
