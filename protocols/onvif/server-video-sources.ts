import { el, element, envelope } from '../soap/build.ts';

/** A sensor of a camera. */
export interface VideoSourceToBuild {
  readonly token: string;
  readonly configurationToken: string;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
}

/** GetVideoSourcesResponse of the first media service (ONVIF Media, 5.3). */
export function buildVideoSources(sources: readonly VideoSourceToBuild[]): string {
  const built = sources.map(({ token, fps, width, height }) =>
    element(
      'trt:VideoSources',
      { token },
      el('tt:Framerate', fps),
      el('tt:Resolution', el('tt:Width', width), el('tt:Height', height)),
    ),
  );
  return envelope(['trt', 'tt'], undefined, el('trt:GetVideoSourcesResponse', built));
}

/** GetVideoSourceConfigurationsResponse of the first or second media service. */
export function buildVideoSourceConfigurations(media: 1 | 2, sources: readonly VideoSourceToBuild[]): string {
  const prefix = media === 1 ? 'trt' : 'tr2';
  const built = sources.map(({ token, configurationToken, width, height }) =>
    element(
      `${prefix}:Configurations`,
      { token: configurationToken },
      el('tt:Name', configurationToken),
      el('tt:UseCount', 2),
      el('tt:SourceToken', token),
      element('tt:Bounds', { x: 0, y: 0, width, height }),
    ),
  );
  return envelope([prefix, 'tt'], undefined, el(`${prefix}:GetVideoSourceConfigurationsResponse`, built));
}
