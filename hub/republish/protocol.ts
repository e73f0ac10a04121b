import type { ErrorCode } from '../../contract/errors.ts';
import type { ReaderSecret } from '../../platform/rtsp-server/digest-gate.ts';
import type { ReadFacts, ReadRefusal, ReadRequest } from '../../platform/rtsp-server/host.ts';

/** How re-publishing is set up in the media thread. */
export interface RepublishData {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Null: RTP inside the connection only. */
  udpPort: number | null;
  /** `rtsp` even where the hub has certificates. */
  plain: boolean;
  maxReaders: number;
}

/** What was decided about a wish to read. */
export type ReadDecision =
  | { isOpen: true; handle: number; sound: boolean | null }
  | { isOpen: false; code: ErrorCode; message: string };

/** From the main thread, which knows who may what. */
export type ToRepublish =
  | { type: 'secret'; request: number; secret: ReaderSecret | null }
  | { type: 'decision'; request: number; decision: ReadDecision }
  | { type: 'end'; readerId: number };

/** From the media thread, where the readers are. */
export type FromRepublish =
  | { type: 'secret-of'; request: number; user: string }
  | { type: 'open'; request: number; reader: ReadRequest }
  /** What was opened with that request is not needed any more. */
  | { type: 'release'; request: number }
  | { type: 'play'; reader: ReadRequest }
  | { type: 'stop'; reader: ReadRequest; facts: ReadFacts }
  | { type: 'refused'; refusal: ReadRefusal };
