import type { PtzPreset } from '../../../contract/command.ts';
import { SharpEyesError } from '../../../contract/errors.ts';
import { parsePresets, parsePresetToken, type SpeedRange } from '../../../protocols/onvif/parse-ptz.ts';
import type { OnvifRequest } from '../../../protocols/onvif/request.ts';
import {
  continuousMove,
  getPresets,
  gotoPreset,
  type PtzVelocity,
  removePreset,
  setPreset,
  stopMove,
} from '../../../protocols/onvif/request-ptz.ts';
import type { XmlElement } from '../../../protocols/soap/xml.ts';
import type { PtzHead, PtzSpeed } from '../../devices/driver.ts';
import type { FoundPtz } from './find-ptz.ts';
import type { OnvifClient } from './onvif-client.ts';

/** A camera that takes longer to say yes would leave the person at the controls in the dark. */
const CALL_TIMEOUT_MS = 3_000;
/** Looking into a list of hundreds of positions takes cameras longer. */
const LIST_TIMEOUT_MS = 8_000;

/** Turns an ONVIF camera. Requests are sent as they come: whoever uses it sends one at a time. */
export class OnvifPtz implements PtzHead {
  readonly #client: OnvifClient;
  readonly #found: FoundPtz;
  /** Whether it was seen to refuse a time with a movement; it then stops only when it is told. */
  #takesTimeout = true;

  constructor(client: OnvifClient, found: FoundPtz) {
    this.#client = client;
    this.#found = found;
  }

  async move(speed: PtzSpeed, timeoutMs: number): Promise<void> {
    const velocity = this.#velocity(speed);
    const { profileToken } = this.#found;
    if (this.#takesTimeout) {
      try {
        await this.#call(continuousMove(profileToken, velocity, timeoutMs));
        return;
      } catch (error) {
        if (!isAbout(error, 'TimeoutNotSupported')) throw error;
        this.#takesTimeout = false;
      }
    }
    await this.#call(continuousMove(profileToken, velocity, null));
  }

  async stop(): Promise<void> {
    const { profileToken } = this.#found;
    try {
      await this.#call(stopMove(profileToken));
    } catch (error) {
      if (!(error instanceof SharpEyesError) || !['DEVICE_UNSUPPORTED', 'DEVICE_PROTOCOL'].includes(error.code)) {
        throw error;
      }
      // Firmware that knows no Stop, or not with both flags, stands still at speed 0.
      await this.#call(continuousMove(profileToken, this.#velocity({ pan: 0, tilt: 0, zoom: 0 }), null));
    }
  }

  async presets(): Promise<PtzPreset[]> {
    const body = await this.#call(getPresets(this.#found.profileToken), LIST_TIMEOUT_MS);
    return parsePresets(body).flatMap(({ token, name }) =>
      // A token is handed back as it is; one that does not fit cannot be.
      token.length > 64 ? [] : [{ token, name: (name === '' ? token : name).slice(0, 64) }],
    );
  }

  async goto(token: string): Promise<void> {
    await this.#call(gotoPreset(this.#found.profileToken, token));
  }

  async remember(name: string, token: string | null): Promise<PtzPreset> {
    const body = await this.#call(setPreset(this.#found.profileToken, name, token), LIST_TIMEOUT_MS);
    const made = parsePresetToken(body) ?? token;
    if (made !== null && made.length <= 64) return { token: made, name };
    throw new SharpEyesError('DEVICE_PROTOCOL', 'the camera remembered the position, but not under which name');
  }

  async forget(token: string): Promise<void> {
    await this.#call(removePreset(this.#found.profileToken, token), LIST_TIMEOUT_MS);
  }

  #call(request: OnvifRequest, timeoutMs = CALL_TIMEOUT_MS): Promise<XmlElement> {
    return this.#client.call(request, { url: this.#found.url, timeoutMs });
  }

  /** Only axes that the camera has: firmware refuses a movement that names another one. */
  #velocity({ pan, tilt, zoom }: PtzSpeed): PtzVelocity {
    const { node } = this.#found;
    const turns = node === null || node.pan !== null;
    const zooms = node === null || node.zoom !== null;
    return {
      panTilt: turns ? { x: scaled(pan, node?.pan), y: scaled(tilt, node?.tilt) } : null,
      zoom: zooms ? scaled(zoom, node?.zoom) : null,
    };
  }
}

function scaled(share: number, range: SpeedRange | null | undefined): number {
  if (range === null || range === undefined) return share;
  return share >= 0 ? share * range.max : -share * range.min;
}

function isAbout(error: unknown, fault: string): boolean {
  return error instanceof SharpEyesError && String(error.context['fault'] ?? '').includes(fault);
}
