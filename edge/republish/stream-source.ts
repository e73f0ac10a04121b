import type { RtspSource, SourceSink, SourceTrack } from '../../platform/rtsp-server/source.ts';
import type { AudioInit, InitSegment, MediaConsumer, StreamStats } from '../media/types.ts';

/** The part of a pooled stream that is re-published. */
export interface ReadableStream {
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void;
  stats(): Pick<StreamStats, 'audio' | 'metadata'>;
}

/** A pulled stream as the RTSP server reads it: the access units in the fragments, without a copy. */
export function streamSource(stream: ReadableStream): RtspSource {
  return { subscribe: (sink) => stream.subscribe(consumerFor(sink, stream), { withLastGop: true }) };
}

function consumerFor(sink: SourceSink, stream: ReadableStream): MediaConsumer {
  let sound: AudioInit | null = null;
  let wasPulled = false;
  return {
    onInit: (init) => {
      const { audio, metadata } = stream.stats();
      const kinds = new Set<SourceTrack['kind']>(['video']);
      if (audio !== null) kinds.add('audio');
      if (metadata) kinds.add('metadata');
      sink.onExpected?.(kinds);
      sink.onTrack(videoTrack(init));
    },
    onFragment: ({ bytes, sampleAt, key, decodeTime90k, compositionOffset90k, edgeAtMs }) =>
      sink.onUnit({
        kind: 'video',
        key,
        bytes: bytes.subarray(sampleAt),
        pts90k: decodeTime90k + compositionOffset90k,
        edgeAtMs,
      }),
    onAudio: ({ init, bytes, pts90k, edgeAtMs }) => {
      if (init !== sound) sink.onTrack({ kind: 'audio', ...init });
      sound = init;
      sink.onUnit({ kind: 'audio', key: true, bytes, pts90k, edgeAtMs });
    },
    onMetadata: ({ bytes, pts90k, edgeAtMs }) => sink.onUnit({ kind: 'metadata', key: true, bytes, pts90k, edgeAtMs }),
    onState: (state) => {
      // Whoever reads a stream whose source was replaced or removed has to ask anew.
      if (state === 'stopped' && wasPulled) sink.onEnd();
      else wasPulled = true;
    },
  };
}

function videoTrack({ family, parameterSets, width, height }: InitSegment): SourceTrack {
  return { kind: 'video', codec: family, parameterSets, width, height };
}
