import type { FootageJob } from '../../contract/footage.ts';
import type { TransferProgress } from './ports.ts';

/** How much of the whole each phase is. */
const SHARE = { fetching: 0.7, building: 0.15, sealing: 0.15 } as const;

type Counters = Pick<FootageJob, 'phase' | 'progress' | 'bytesDone' | 'bytesTotal'>;

/** Adds up what is done of a job over its cameras and phases. */
export class JobProgress {
  readonly #onChange: (counters: Counters) => void;
  readonly #transfers: TransferProgress[];
  #phase: keyof typeof SHARE = 'fetching';
  #built = 0;
  #toBuild = 0;
  #packed = 0;
  #toPack = 0;
  #highest = 0;

  constructor(cameras: number, onChange: (counters: Counters) => void) {
    this.#transfers = Array.from({ length: cameras }, () => ({ bytesDone: 0, bytesTotal: null }));
    this.#onChange = onChange;
  }

  fetching(camera: number, progress: TransferProgress): void {
    this.#transfers[camera] = progress;
    this.#tell();
  }

  /** All of a camera's footage is here; `bytes` will be worked on. */
  fetched(camera: number, bytes: number): void {
    this.#transfers[camera] = { bytesDone: bytes, bytesTotal: bytes };
    this.#toBuild += 2 * bytes;
    if (this.#transferred() === 1) this.#phase = 'building';
    this.#tell();
  }

  built(bytes: number): void {
    this.#built += bytes;
    this.#tell();
  }

  sealing(bytesTotal: number): void {
    this.#phase = 'sealing';
    this.#toPack = bytesTotal;
    this.#tell();
  }

  packed(bytes: number): void {
    this.#packed += bytes;
    this.#tell();
  }

  #transferred(): number {
    const parts = this.#transfers.map(({ bytesDone, bytesTotal }) =>
      bytesTotal === null ? 0 : ratio(bytesDone, bytesTotal),
    );
    return ratio(
      parts.reduce((sum, part) => sum + part, 0),
      parts.length,
    );
  }

  #tell(): void {
    const fetched = this.#transferred();
    const built = this.#toBuild === 0 ? 0 : fetched * ratio(this.#built, this.#toBuild);
    const packed = this.#phase === 'sealing' ? ratio(this.#packed, this.#toPack) : 0;
    const earlier = this.#phase === 'sealing' ? 1 : built;
    const totals = this.#transfers.map((transfer) => transfer.bytesTotal);
    // A camera that turns out to have more than expected must not turn the bar back.
    const now = SHARE.fetching * fetched + SHARE.building * earlier + SHARE.sealing * packed;
    this.#highest = Math.max(this.#highest, now);
    this.#onChange({
      phase: this.#phase,
      progress: this.#highest,
      bytesDone: this.#transfers.reduce((sum, transfer) => sum + transfer.bytesDone, 0),
      bytesTotal: totals.includes(null) ? null : totals.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
    });
  }
}

function ratio(part: number, whole: number): number {
  return whole <= 0 ? 1 : Math.min(1, part / whole);
}
