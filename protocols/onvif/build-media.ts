import { type Content, el, element, envelope } from '../soap/build.ts';
import type { MediaProfile, VideoEncoder } from './parse-media.ts';

function rate(video: VideoEncoder): Content {
  if (video.fps === null) return undefined;
  return el(
    'tt:RateControl',
    el('tt:FrameRateLimit', video.fps),
    el('tt:EncodingInterval', 1),
    el('tt:BitrateLimit', video.kbps ?? 0),
  );
}

/** Children of a video encoder configuration, the same in both media services. */
function encoder(video: VideoEncoder): Content {
  return [
    el('tt:Name', video.token),
    el('tt:UseCount', 1),
    el('tt:Encoding', video.encoding),
    el('tt:Resolution', el('tt:Width', video.width), el('tt:Height', video.height)),
    rate(video),
  ];
}

/** PTZ and audio configurations, under the names of either media service. */
function extras(profile: MediaProfile, names: { ptz: string; audio: string }): Content {
  const { ptz, audioEncoding } = profile;
  return [
    audioEncoding === null
      ? undefined
      : element(names.audio, { token: 'audio_encoder' }, el('tt:Name', 'audio'), el('tt:Encoding', audioEncoding)),
    ptz === null
      ? undefined
      : element(names.ptz, { token: ptz.token }, el('tt:Name', 'ptz'), el('tt:NodeToken', ptz.nodeToken)),
  ];
}

function profile1(profile: MediaProfile): Content {
  return element(
    'trt:Profiles',
    { token: profile.token, fixed: true },
    el('tt:Name', profile.name),
    element(
      'tt:VideoSourceConfiguration',
      { token: profile.videoSourceConfigToken ?? 'source' },
      el('tt:SourceToken', profile.videoSourceToken ?? 'video'),
    ),
    profile.video === null
      ? undefined
      : element('tt:VideoEncoderConfiguration', { token: profile.video.token }, encoder(profile.video)),
    extras(profile, { ptz: 'tt:PTZConfiguration', audio: 'tt:AudioEncoderConfiguration' }),
  );
}

function profile2(profile: MediaProfile): Content {
  return element(
    'tr2:Profiles',
    { token: profile.token, fixed: true },
    el('tr2:Name', profile.name),
    el(
      'tr2:Configurations',
      element(
        'tr2:VideoSource',
        { token: profile.videoSourceConfigToken ?? 'source' },
        el('tt:SourceToken', profile.videoSourceToken ?? 'video'),
      ),
      profile.video === null
        ? undefined
        : element('tr2:VideoEncoder', { token: profile.video.token }, encoder(profile.video)),
      extras(profile, { ptz: 'tr2:PTZ', audio: 'tr2:AudioEncoder' }),
    ),
  );
}

/** GetProfilesResponse of the first or second media service. */
export function buildProfiles(media: 1 | 2, profiles: readonly MediaProfile[]): string {
  return media === 1
    ? envelope(['trt', 'tt'], undefined, el('trt:GetProfilesResponse', profiles.map(profile1)))
    : envelope(['tr2', 'tt'], undefined, el('tr2:GetProfilesResponse', profiles.map(profile2)));
}

/** GetStreamUriResponse or GetSnapshotUriResponse of the first or second media service. */
export function buildMediaUri(media: 1 | 2, operation: 'GetStreamUri' | 'GetSnapshotUri', uri: string): string {
  if (media === 2) return envelope(['tr2'], undefined, el(`tr2:${operation}Response`, el('tr2:Uri', uri)));
  return envelope(
    ['trt', 'tt'],
    undefined,
    el(
      `trt:${operation}Response`,
      el(
        'trt:MediaUri',
        el('tt:Uri', uri),
        el('tt:InvalidAfterConnect', false),
        el('tt:InvalidAfterReboot', false),
        el('tt:Timeout', 'PT0S'),
      ),
    ),
  );
}

/** GetAudioOutputsResponse of the first media service. */
export function buildAudioOutputs(tokens: readonly string[]): string {
  const outputs = tokens.map((token) => element('trt:AudioOutputs', { token }));
  return envelope(['trt', 'tt'], undefined, el('trt:GetAudioOutputsResponse', outputs));
}
