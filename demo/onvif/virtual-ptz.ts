import type { Clock } from '../../platform/clock.ts';
import {
  buildNodes,
  buildPresets,
  buildPresetToken,
  buildPtzDone,
  buildPtzStatus,
} from '../../protocols/onvif/build-ptz.ts';
import type { ReceivedRequest } from '../../protocols/onvif/parse-request.ts';
import { parseMoveRequest, parsePresetRequest } from '../../protocols/onvif/parse-request-ptz.ts';
import { formatDateTime } from '../../protocols/onvif/time.ts';
import { buildFault } from '../../protocols/soap/fault.ts';
import type { Operation } from './onvif-server.ts';

/** Where a virtual camera looks: pan and tilt -1 … 1, zoom 0 … 1. */
export interface PtzPosition {
  pan: number;
  tilt: number;
  zoom: number;
}

/** Token of the PTZ configuration in the camera's profiles. */
export const PTZ_CONFIGURATION = { token: 'ptz_config', nodeToken: 'ptz_node' } as const;

const PRESETS_MAX = 32;
const NAME_MAX = 64;
/** At full speed the whole way takes eight seconds. */
const SHARE_PER_SECOND = 0.25;
/** Without a time in the request a real camera would turn for so long. */
const DEFAULT_TIMEOUT_MS = 10_000;
const STANDING: PtzPosition = { pan: 0, tilt: 0, zoom: 0 };

/** The PTZ service of a virtual camera (ONVIF PTZ): keeps where it looks and its positions; its picture stays. */
export class VirtualPtz {
  readonly #clock: Clock;
  readonly #presets = new Map<string, { name: string; position: PtzPosition }>();
  #from: PtzPosition = STANDING;
  #speed: PtzPosition = STANDING;
  #sinceMs = 0;
  #untilMs = 0;
  #lastPreset = 0;
  /** Movements and stops that were asked for since the camera was switched on. */
  readonly counts = { moves: 0, stops: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Where it looks now. */
  get position(): PtzPosition {
    const seconds = Math.max(0, Math.min(this.#clock.monotonicMs(), this.#untilMs) - this.#sinceMs) / 1000;
    const at = (axis: keyof PtzPosition, min: number): number =>
      Math.min(1, Math.max(min, this.#from[axis] + this.#speed[axis] * SHARE_PER_SECOND * seconds));
    return { pan: at('pan', -1), tilt: at('tilt', -1), zoom: at('zoom', 0) };
  }

  get moving(): boolean {
    const { pan, tilt, zoom } = this.#speed;
    return this.#clock.monotonicMs() < this.#untilMs && (pan !== 0 || tilt !== 0 || zoom !== 0);
  }

  /** The operations of its service. */
  operations(): Record<string, Operation> {
    const range = { min: -1, max: 1 };
    const { nodeToken: token } = PTZ_CONFIGURATION;
    const node = { token, name: 'PTZ', pan: range, tilt: range, zoom: range, maxPresets: PRESETS_MAX, hasHome: false };
    return {
      GetNodes: () => buildNodes([node]),
      GetStatus: () => {
        return buildPtzStatus({ ...this.position, moving: this.moving }, formatDateTime(this.#clock.nowMs()));
      },
      ContinuousMove: (request) => this.#move(request),
      Stop: () => {
        this.counts.stops += 1;
        this.#run(STANDING, 0);
        return buildPtzDone('Stop');
      },
      GetPresets: () =>
        buildPresets([...this.#presets].map(([presetToken, { name }]) => ({ token: presetToken, name }))),
      GotoPreset: (request) => this.#goto(request),
      SetPreset: (request) => this.#remember(request),
      RemovePreset: (request) => {
        const { token: presetToken } = parsePresetRequest(request.body);
        return this.#presets.delete(presetToken ?? '') ? buildPtzDone('RemovePreset') : noSuchPreset();
      },
    };
  }

  #move(request: ReceivedRequest): string {
    this.counts.moves += 1;
    const { pan, tilt, zoom, timeoutMs } = parseMoveRequest(request.body);
    const now = this.moving ? this.#speed : STANDING;
    this.#run({ pan: pan ?? now.pan, tilt: tilt ?? now.tilt, zoom: zoom ?? now.zoom }, timeoutMs ?? DEFAULT_TIMEOUT_MS);
    return buildPtzDone('ContinuousMove');
  }

  #run(speed: PtzPosition, forMs: number): void {
    this.#from = this.position;
    this.#speed = speed;
    this.#sinceMs = this.#clock.monotonicMs();
    this.#untilMs = this.#sinceMs + forMs;
  }

  #goto(request: ReceivedRequest): string {
    const preset = this.#presets.get(parsePresetRequest(request.body).token ?? '');
    if (preset === undefined) return noSuchPreset();
    this.#run(STANDING, 0);
    this.#from = preset.position;
    return buildPtzDone('GotoPreset');
  }

  #remember(request: ReceivedRequest): string {
    const { token, name } = parsePresetRequest(request.body);
    if (token !== null && !this.#presets.has(token)) return noSuchPreset();
    if (token === null && this.#presets.size >= PRESETS_MAX) {
      return buildFault(['s:Receiver', 'ter:Action', 'ter:TooManyPresets'], 'no more positions can be remembered');
    }
    const presetToken = token ?? String(++this.#lastPreset);
    this.#presets.set(presetToken, { name: (name ?? presetToken).slice(0, NAME_MAX), position: this.position });
    return buildPresetToken(presetToken);
  }
}

function noSuchPreset(): string {
  return buildFault(['s:Sender', 'ter:InvalidArgVal', 'ter:NoToken'], 'there is no such position');
}
