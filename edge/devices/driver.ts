import type { PtzPreset } from '../../contract/command.ts';
import type { DeviceAbilities, DeviceIdentity, DeviceReason, DeviceType, ProbeResult } from '../../contract/device.ts';
import type { Sample } from '../../contract/event.ts';
import type { TransportChoice } from '../media/track-links.ts';
import type { NewEvent } from '../profiles/report-identity.ts';

/** How to reach a device, secrets opened. Lives in memory only; never logged, never sent. */
export interface OpenConnection {
  /** ONVIF device service or RTSP address, without user information. */
  url: string | null;
  username: string | null;
  password: string | null;
  /** DC-09 account. */
  account: string | null;
  /** Identity (MN) of an HJ 212 station. */
  station?: string;
  /** How RTP comes; `auto` where nothing is said. */
  transport?: TransportChoice;
}

/** A device in service, as its driver sees it. */
export interface DriverDevice {
  deviceId: string;
  type: DeviceType;
  profileId: string | null;
  connection: OpenConnection;
}

/** Where a stream of a device comes from; what is not known is null. */
export interface StreamSourceInfo {
  name: 'main' | 'sub';
  /** `rtsp://` or `rtsps://`, without user information. */
  url: string;
  username: string | null;
  password: string | null;
  /** How RTP comes; `auto` where nothing is said. */
  transport?: TransportChoice;
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
}

/** What a driver tells about its device. */
export interface DriverStatus {
  online: boolean;
  reason: DeviceReason;
  /** Device clock minus edge clock; null when unknown. */
  clockOffsetMs: number | null;
}

/** What a running driver may use. */
export interface DriverPorts {
  /** Stores all or none. Resolves after they are on the disk; only then may the device be told that it was heard. */
  commitAll(events: readonly NewEvent[]): Promise<void>;
  /** A routine sample; may be dropped. */
  sample(sample: Sample): void;
  onStatus(status: DriverStatus): void;
  onIdentity(identity: DeviceIdentity): void;
  /** All streams of the device; replaces what was said before. */
  onStreams(streams: readonly StreamSourceInfo[]): void;
  /** What the device can do beyond showing pictures; nothing until it is said. */
  onAbilities(abilities: DeviceAbilities): void;
}

/** Speed on each axis, -1 … 1: right, up and towards the picture are positive. */
export interface PtzSpeed {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** A camera that can be turned. Every call has a time limit of its own; rejects with DEVICE_… or TIMEOUT. */
export interface PtzHead {
  /** Moves until stopped. @param timeoutMs after which the camera stops by itself, where it knows how */
  move(speed: PtzSpeed, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
  presets(): Promise<PtzPreset[]>;
  goto(token: string): Promise<void>;
  /** @param token of an older position to replace; null makes a new one */
  remember(name: string, token: string | null): Promise<PtzPreset>;
  forget(token: string): Promise<void>;
}

/** A device in service. */
export interface DriverHandle {
  /** Ends everything for this device; resolves when no socket or timer is left. */
  stop(): Promise<void>;
  /** A still picture, JPEG; absent where the driver cannot. */
  snapshot?(signal: AbortSignal): Promise<Uint8Array>;
  /** How it is turned; null while that is unknown or impossible. */
  ptz?(): PtzHead | null;
}

/** Connects one protocol to devices. */
export interface DeviceDriver {
  /** Connects once, with at most two sign-in attempts, and reports what is there; an unreachable device is a result. */
  probe(connection: OpenConnection, type: DeviceType, signal: AbortSignal): Promise<ProbeResult>;
  /**
   * Takes a device into service: returns soon, keeps trying by itself, tells through the ports. Throws only when the
   * connection can never work (e.g. an account that another device has).
   */
  start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle>;
}
