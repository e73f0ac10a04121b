import type { Access } from '../access/access.ts';
import type { Session } from '../access/session.ts';

/** Regions of an area for a query: a list of ids, or null for the whole tree. */
export type AreaFilter = readonly string[] | null;

/**
 * The person behind a request. A route whose access names an area has to ask for it before it answers; one that
 * forgets is refused when it does (`hub/api/route.ts`).
 */
export class Caller {
  readonly session: Session;
  /** Network address, for the audit log. */
  readonly address: string;
  readonly #access: Access;
  #hasAsked = false;

  constructor(session: Session, address: string, access: Access) {
    this.session = session;
    this.address = address;
    this.#access = access;
  }

  /** Name of the account. */
  get account(): string {
    return this.session.account;
  }

  /** Whether the area was asked for. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /**
   * For routes about one thing: checks that it lies inside the area. A thing without a region is only inside the whole
   * tree.
   * @throws SharpEyesError `NOT_FOUND`, so that nobody learns what exists elsewhere
   */
  demandInArea(regionId: string | null): void {
    this.#hasAsked = true;
    this.#access.demandArea(this.session, regionId);
  }

  /** For routes that list: what of it lies inside the area. */
  inArea<T>(things: readonly T[], regionOf: (thing: T) => string | null): T[] {
    this.#hasAsked = true;
    return things.filter((thing) => this.#access.includes(this.session, regionOf(thing)));
  }

  /** For routes that list from the database: the regions of the area, or null for the whole tree. */
  areaFilter(): AreaFilter {
    this.#hasAsked = true;
    return this.#access.regionsOf(this.session);
  }
}
