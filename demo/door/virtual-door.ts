import { type Clock, systemClock } from '../../platform/clock.ts';
import { buildDoorInfoList, buildDoorState } from '../../protocols/onvif/build-door.ts';
import type { NotificationToBuild } from '../../protocols/onvif/build-events.ts';
import { type DeviceLogin, DigestGate } from '../camera/digest-gate.ts';
import { ONVIF_PORT } from '../camera/virtual-camera.ts';
import { deviceOperations, PRE_AUTH, scopesOf, servicePath, type VirtualIdentity } from '../onvif/device-operations.ts';
import { DiscoveryResponder } from '../onvif/discovery-responder.ts';
import { EventService } from '../onvif/event-service.ts';
import { OnvifServer } from '../onvif/onvif-server.ts';

const DOOR_TOKEN = 'door1';

/** Alarm states of a door (ONVIF Door Control, 5.2). */
export type DoorAlarm = 'Normal' | 'DoorForcedOpen' | 'DoorOpenTooLong';

/** What the virtual door is made of. */
export interface VirtualDoorOptions {
  address: string;
  identity: VirtualIdentity;
  login: DeviceLogin;
  clockOffsetMs: number;
  clock?: Clock;
}

/** The township's smart door: an ONVIF door controller (Profile C) with one door. */
export class VirtualDoor {
  readonly options: VirtualDoorOptions;
  readonly #clock: Clock;
  readonly #events: EventService;
  readonly #parts: { start(): Promise<void>; stop(): Promise<void> }[] = [];
  #open = false;
  #alarm: DoorAlarm = 'Normal';

  constructor(options: VirtualDoorOptions) {
    this.options = options;
    this.#clock = options.clock ?? systemClock;
    this.#events = new EventService({
      clock: this.#clock,
      baseUrl: this.#baseUrl,
      properties: () => [
        this.#property('DoorPhysicalState', this.#physicalState),
        this.#property('DoorAlarm', this.#alarm),
      ],
    });
  }

  get #baseUrl(): string {
    return `http://${this.options.address}:${ONVIF_PORT}`;
  }

  get #physicalState(): 'Open' | 'Closed' {
    return this.#open ? 'Open' : 'Closed';
  }

  async start(): Promise<void> {
    const { address, identity, login, clockOffsetMs } = this.options;
    const gate = new DigestGate(identity.serial, login, this.#clock);
    const operations = {
      ...deviceOperations({
        identity,
        baseUrl: this.#baseUrl,
        clock: this.#clock,
        clockOffsetMs,
        services: ['device', 'events', 'door'],
        events: this.#events,
      }),
      GetDoorInfoList: () => buildDoorInfoList([{ token: DOOR_TOKEN, name: identity.name, description: null }]),
      GetDoorState: () =>
        buildDoorState({
          physicalState: this.#physicalState,
          lockState: this.#open ? 'Unlocked' : 'Locked',
          alarm: this.#alarm,
          tamper: 'NotInTamper',
          fault: 'NotInFault',
          mode: 'Locked',
        }),
    };
    const onvif = new OnvifServer({ address, port: ONVIF_PORT, gate, operations, preAuth: PRE_AUTH, pictures: {} });
    const announced = {
      endpoint: `urn:uuid:${identity.uuid}`,
      types: ['tds:Device'],
      scopes: scopesOf(identity),
      xaddrs: [`${this.#baseUrl}${servicePath('device')}`],
    };
    const discovery = new DiscoveryResponder(address, announced, Math.floor(this.#clock.nowMs() / 1000));
    for (const part of [onvif, discovery]) {
      await part.start();
      this.#parts.unshift(part);
    }
  }

  async stop(): Promise<void> {
    this.#events.stop();
    for (const part of this.#parts.splice(0)) await part.stop();
  }

  /** Somebody opens the door by force. */
  force(): void {
    this.#open = true;
    this.#alarm = 'DoorForcedOpen';
    this.#events.notify(this.#property('DoorPhysicalState', 'Open'));
    this.#events.notify(this.#property('DoorAlarm', this.#alarm));
  }

  /** The door is closed again and its alarm is over. */
  close(): void {
    this.#open = false;
    this.#alarm = 'Normal';
    this.#events.notify(this.#property('DoorPhysicalState', 'Closed'));
    this.#events.notify(this.#property('DoorAlarm', this.#alarm));
  }

  /** A credential, an opaque token, is accepted and the door used. */
  grantAccess(credentialToken: string): void {
    this.#events.notify({
      topic: 'tns1:AccessControl/AccessGranted/Credential',
      utcTimeMs: this.#clock.nowMs() + this.options.clockOffsetMs,
      source: { AccessPointToken: 'reader1' },
      data: { CredentialToken: credentialToken, External: 'false' },
    });
  }

  #property(name: 'DoorPhysicalState' | 'DoorAlarm', state: string): NotificationToBuild {
    return {
      topic: `tns1:Door/State/${name}`,
      utcTimeMs: this.#clock.nowMs() + this.options.clockOffsetMs,
      propertyOperation: 'Changed',
      source: { DoorToken: DOOR_TOKEN },
      data: { State: state },
    };
  }
}
