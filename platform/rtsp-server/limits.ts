/** Bounds and times of an RTSP server; all can be set. */
export interface RtspServerLimits {
  connections: number;
  /** Also those that are still in the TLS handshake; a /64 network counts as one address. */
  connectionsPerAddress: number;
  /** Streams that one account may read at once, each counted from its DESCRIBE on. */
  readersPerAccount: number;
  /** Streams that are read at once, counted alike. */
  readers: number;
  headerBytes: number;
  bodyBytes: number;
  /** Requests of one connection per second, on average over ten. */
  requestsPerSecond: number;
  /** So long a connection has for signing in, whatever it says meanwhile. */
  signInMs: number;
  /** A connection without a session may be silent for so long. */
  idleMs: number;
  /** Unsent bytes of answers to a client that plays nothing; one that takes them no more is disconnected. */
  answerBufferBytes: number;
  /** What `Session: …;timeout=` says: without a sign of life a session ends. */
  sessionTimeoutMs: number;
  /** Unsent bytes of one reader beyond which it skips to the next key frame. */
  readerBufferBytes: number;
  /** A reader that takes nothing of what waits for it is disconnected. */
  stalledMs: number;
  /** Bytes of the last group of pictures kept for new readers; a longer one is not kept. */
  gopBytes: number;
  /** So long DESCRIBE waits for the first picture. */
  describeTimeoutMs: number;
  /** So long after the first picture a track that nobody announced may still show itself. */
  settleMs: number;
  reportPeriodMs: number;
  /** Largest RTP packet. Some clients take no more than one Ethernet frame, also over TCP. */
  mtu: number;
}

/** What applies where nothing else is said. */
export const DEFAULT_RTSP_SERVER_LIMITS: RtspServerLimits = {
  connections: 256,
  connectionsPerAddress: 64,
  readersPerAccount: 32,
  readers: 128,
  headerBytes: 8192,
  bodyBytes: 4096,
  requestsPerSecond: 20,
  signInMs: 15_000,
  idleMs: 15_000,
  answerBufferBytes: 65_536,
  sessionTimeoutMs: 60_000,
  readerBufferBytes: 8_388_608,
  stalledMs: 30_000,
  gopBytes: 8_388_608,
  describeTimeoutMs: 10_000,
  settleMs: 400,
  reportPeriodMs: 5_000,
  mtu: 1400,
};
