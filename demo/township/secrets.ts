import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How a sensor signs in at the edge's local broker. */
export interface SensorLogin {
  username: string;
  password: string;
  topic: string;
}

interface Content {
  devicePasswords: Record<string, string>;
  sensors: Record<string, SensorLogin>;
}

/** Passwords of the virtual devices: generated once, kept in a file that only its owner may read. */
export class TownshipSecrets {
  readonly #file: string;
  readonly #content: Content;

  constructor(file: string) {
    this.#file = file;
    this.#content = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Content)
      : { devicePasswords: {}, sensors: {} };
  }

  /** Password of an ONVIF device, made at the first call. */
  devicePassword(address: string): string {
    const known = this.#content.devicePasswords[address];
    if (known !== undefined) return known;
    const made = randomBytes(12).toString('base64url');
    this.#content.devicePasswords[address] = made;
    this.#save();
    return made;
  }

  sensor(key: string): SensorLogin | undefined {
    return this.#content.sensors[key];
  }

  setSensor(key: string, login: SensorLogin): void {
    this.#content.sensors[key] = login;
    this.#save();
  }

  #save(): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.new`;
    writeFileSync(temporary, JSON.stringify(this.#content), { mode: 0o600 });
    renameSync(temporary, this.#file);
  }
}
