import { join } from 'node:path';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { VirtualAlarmBox } from '../alarm-box/virtual-alarm-box.ts';
import { type ClipFile, VirtualCamera } from '../camera/virtual-camera.ts';
import { CLIPS_FOLDER, type Clip, type ClipStream, readClipCatalog } from '../clips/catalog.ts';
import { VirtualDoor } from '../door/virtual-door.ts';
import type { VirtualIdentity } from '../onvif/device-operations.ts';
import { VirtualSensor } from '../sensor/virtual-sensor.ts';
import { VirtualStation } from '../station/virtual-station.ts';
import type { Stage } from './day.ts';
import { ALARM_BOX, CAMERAS, DOOR, H265_CAMERA, type PlannedCamera, type SensorKey, STATION } from './plan.ts';
import type { TownshipSecrets } from './secrets.ts';
import { v5 as uuidOf } from './uuid.ts';

const USERNAME = 'admin';
const SUPERVISION_MS = 30_000;
const SENSOR_PERIOD_MS = 10_000;
/** Of present values; the least that the standard knows. */
const STATION_PERIOD_MS = 30_000;

/** What the township is told about its surroundings. */
export interface TownshipOptions {
  secrets: TownshipSecrets;
  clock: Clock;
  log: Log;
  /** With the camera that sends H.265. */
  h265?: boolean;
}

function identityOf(address: string, name: string, hardware: string, profiles: readonly string[]): VirtualIdentity {
  const host = Number(address.split('.')[3]);
  const hex = host.toString(16).padStart(2, '0');
  return {
    uuid: uuidOf(address),
    name,
    hardware,
    model: hardware,
    serial: `VT-${String(host).padStart(4, '0')}`,
    mac: `02:00:00:00:01:${hex}`,
    profiles,
  };
}

function clipFile(stream: ClipStream): ClipFile {
  const { width, height, fpsNum, fpsDen } = stream;
  return { file: join(CLIPS_FOLDER, stream.file), width, height, fps: fpsNum / fpsDen };
}

/** All virtual devices of the demo's township. */
export class Township implements Stage {
  readonly #options: TownshipOptions;
  readonly #cameras = new Map<string, VirtualCamera>();
  readonly #sensors = new Map<SensorKey, VirtualSensor>();
  readonly #door: VirtualDoor;
  /** Name of each camera by its address. */
  readonly cameraNames = new Map<string, string>();
  #alarmBox: VirtualAlarmBox | null = null;
  #station: VirtualStation | null = null;
  #waterLevelM = 1.8;
  #smoke = false;

  constructor(options: TownshipOptions) {
    this.#options = options;
    const clips = new Map(readClipCatalog().clips.map((clip) => [clip.id, clip]));
    for (const planned of CAMERAS) {
      const clip = clips.get(planned.clip);
      if (clip !== undefined) this.#addCamera(planned, clip);
    }
    const { of, mainFile: file, titleZh, titleEn } = H265_CAMERA;
    const model = options.h265 === true ? clips.get(of) : undefined;
    if (model !== undefined) {
      this.#addCamera(H265_CAMERA, { ...model, titleZh, titleEn, main: { ...model.main, file } });
    }
    this.#door = new VirtualDoor({
      address: DOOR.address,
      identity: identityOf(DOOR.address, 'CommitteeDoor', 'VirtualDoor', ['C']),
      login: { username: USERNAME, password: options.secrets.devicePassword(DOOR.address) },
      clockOffsetMs: 0,
      clock: options.clock,
    });
  }

  #addCamera(planned: PlannedCamera, clip: Clip): void {
    const { secrets, clock } = this.#options;
    this.cameraNames.set(planned.address, `${clip.titleZh} ${clip.titleEn}`);
    this.#cameras.set(
      planned.clip,
      new VirtualCamera({
        address: planned.address,
        identity: identityOf(planned.address, clip.titleEn, 'VirtualCamera', ['Streaming', 'T']),
        login: { username: USERNAME, password: secrets.devicePassword(planned.address) },
        main: clipFile(clip.main),
        sub: clipFile(clip.sub),
        snapshotFile: join(CLIPS_FOLDER, clip.snapshot.file),
        clockOffsetMs: planned.clockOffsetMs,
        ptz: planned.isDome,
        microphone: planned.isDome,
        loudspeaker: planned.isDome,
        clock,
      }),
    );
  }

  /** Switches cameras and door on; rejects with PORT_TAKEN when a second demo runs. */
  async start(): Promise<void> {
    for (const camera of this.#cameras.values()) await camera.start();
    await this.#door.start();
  }

  /** Switches the alarm box on, once its account stands in the registry. */
  startAlarmBox(receiver: { address: string; port: number }): void {
    const { log, clock } = this.#options;
    this.#alarmBox = new VirtualAlarmBox({
      receiver,
      address: ALARM_BOX.address,
      account: ALARM_BOX.account,
      supervisionMs: SUPERVISION_MS,
      log,
      clock,
    });
    this.#alarmBox.start();
  }

  /** Switches the dust and noise station on, once its number stands in the registry. */
  startStation(receiver: { address: string; port: number }): void {
    const { log, clock } = this.#options;
    const { address, mn, password } = STATION;
    this.#station = new VirtualStation({ receiver, address, mn, password, periodMs: STATION_PERIOD_MS, log, clock });
    this.#station.start();
  }

  /** Switches a sensor on, once it has its login. */
  startSensor(key: SensorKey, brokerUrl: string): void {
    const login = this.#options.secrets.sensor(key);
    if (login === undefined || this.#sensors.has(key)) return;
    const { log, clock } = this.#options;
    const reading = (): Record<string, number | boolean> => this.#reading(key);
    const sensor = new VirtualSensor({ brokerUrl, ...login, periodMs: SENSOR_PERIOD_MS, reading, log, clock });
    this.#sensors.set(key, sensor);
    sensor.start();
  }

  async stop(): Promise<void> {
    this.#alarmBox?.stop();
    this.#station?.stop();
    for (const sensor of this.#sensors.values()) await sensor.stop();
    await this.#door.stop();
    for (const camera of this.#cameras.values()) await camera.stop();
  }

  pressHelp(): void {
    void this.#alarmBox?.pressHelp();
  }

  resetHelp(): void {
    void this.#alarmBox?.resetHelp();
  }

  forceDoor(): void {
    this.#door.force();
  }

  closeDoor(): void {
    this.#door.close();
  }

  useDoor(): void {
    this.#door.grantAccess('token-0017');
  }

  setMotion(clip: string, moving: boolean): void {
    this.#cameras.get(clip)?.setMotion(moving);
  }

  setWaterLevel(metres: number): void {
    this.#waterLevelM = metres;
    this.#sensors.get('river-level')?.publish();
  }

  setSmoke(smoke: boolean): void {
    this.#smoke = smoke;
    this.#sensors.get('warehouse-smoke')?.publish();
  }

  #reading(key: SensorKey): Record<string, number | boolean> {
    const seconds = this.#options.clock.nowMs() / 1000;
    switch (key) {
      case 'river-level':
        return { level: Math.round((this.#waterLevelM + 0.03 * Math.sin(seconds / 40)) * 100) / 100, battery: 87 };
      case 'warehouse-smoke':
        return { smoke: this.#smoke, battery: 95 };
      case 'road-dust':
        return {
          pm10: Math.round(62 + 12 * Math.sin(seconds / 300)),
          pm25: Math.round(28 + 6 * Math.sin(seconds / 300)),
          temperature: Math.round((18 + 3 * Math.sin(seconds / 900)) * 10) / 10,
          humidity: 61,
        };
    }
  }
}
