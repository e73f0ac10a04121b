import type { Clock } from '../../platform/clock.ts';
import type { AccessUnit, AccessUnitSink } from '../../protocols/rtp/depacketizer.ts';
import type { SenderReport } from '../../protocols/rtp/rtcp.ts';
import { audioInitOf, samplesOf } from './audio-format.ts';
import { SideTimeline } from './side-timeline.ts';
import type { Timeline } from './timeline.ts';
import type { AudioTrack, ChosenTracks, Track } from './tracks.ts';
import type { AudioFrame, AudioInit, MetadataFrame } from './types.ts';

/** Who takes sound and metadata. */
export interface SideConsumer {
  audio(frame: AudioFrame): void;
  metadata(frame: MetadataFrame): void;
}

/** Turns sound and metadata of a stream's sessions into frames on the timeline of its pictures. */
export class SideTracks {
  readonly #clock: Clock;
  readonly #consumer: SideConsumer;
  readonly #audioTimeline: SideTimeline;
  readonly #metadataTimeline: SideTimeline;
  #track: AudioTrack | null = null;
  #init: AudioInit | null = null;
  #sequence = 0;
  #hasMetadata = false;

  constructor(clock: Clock, video: Timeline, consumer: SideConsumer) {
    this.#clock = clock;
    this.#consumer = consumer;
    this.#audioTimeline = new SideTimeline(clock, video);
    this.#metadataTimeline = new SideTimeline(clock, video);
  }

  readonly audio: AccessUnitSink = { onAccessUnit: (unit) => this.#onSound(unit), onParameterSet: () => undefined };
  readonly metadata: AccessUnitSink = { onAccessUnit: (unit) => this.#onText(unit), onParameterSet: () => undefined };

  /** The sound of the present session. */
  get init(): AudioInit | null {
    return this.#init;
  }

  /** Whether the present session has metadata. */
  get hasMetadata(): boolean {
    return this.#hasMetadata;
  }

  /** A new session. */
  begin({ audio, metadata }: ChosenTracks): void {
    this.#track = audio;
    const init = audio === null ? null : audioInitOf(audio);
    // The same sound goes on with the same init, so that players need not begin anew.
    if (init === null || this.#init === null || !sameSound(init, this.#init)) this.#init = init;
    if (audio !== null) this.#audioTimeline.begin(audio.clockRate);
    this.#hasMetadata = metadata !== null;
    if (metadata !== null) this.#metadataTimeline.begin(metadata.clockRate);
  }

  onSenderReport(kind: Track['kind'], report: SenderReport): void {
    if (kind === 'video') {
      this.#audioTimeline.onVideoReport(report);
      this.#metadataTimeline.onVideoReport(report);
    } else if (kind === 'audio') this.#audioTimeline.onOwnReport(report);
    else this.#metadataTimeline.onOwnReport(report);
  }

  #onSound(unit: AccessUnit): void {
    const [init, track] = [this.#init, this.#track];
    if (init === null || track === null || unit.bytes.length === 0) return;
    const samples = samplesOf(track, unit.bytes.length);
    const pts90k = this.#audioTimeline.place(unit.timestamp, samples);
    if (pts90k === null) return;
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.#consumer.audio({
      init,
      sequence,
      bytes: copyOf(unit.bytes),
      pts90k,
      samples,
      edgeAtMs: this.#clock.nowMs(),
    });
  }

  #onText(unit: AccessUnit): void {
    const pts90k = this.#metadataTimeline.place(unit.timestamp, 0);
    if (pts90k !== null) this.#consumer.metadata({ bytes: copyOf(unit.bytes), pts90k, edgeAtMs: this.#clock.nowMs() });
  }
}

/** `slice()` would not do: of a socket's buffer it is a view, which the next packet overwrites. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function sameSound(a: AudioInit, b: AudioInit): boolean {
  const same = a.codec === b.codec && a.clockRate === b.clockRate && a.channels === b.channels;
  return same && Buffer.compare(a.config, b.config) === 0;
}
