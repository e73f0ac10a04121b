import { timingSafeEqual } from 'node:crypto';
import type { Edge } from '../../contract/api/devices.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { makeVerifier, verifySecret } from '../broker/verifier.ts';
import type { HubStorage } from '../storage/hub-storage.ts';
import type { EdgeRow } from '../storage/tables/registry.ts';
import { EdgeState } from './edge-state.ts';
import { isSealingKey, isSigningKey, JOIN_FILE_MS, joinTokenHash, newJoinToken } from './join-token.ts';

/** What an edge brings when it joins. */
export interface JoinRequest {
  edgeId: string;
  token: string;
  sealingKey: string;
  signingKey: string;
  secret: string;
}

const EDGES_MAX = 2000;

/** Edges: enrolled by a person, joined by themselves, and what they last said. */
export class Edges {
  readonly #storage: HubStorage;
  readonly #clock: Clock;
  readonly #rows = new Map<string, EdgeRow>();
  readonly #states = new Map<string, EdgeState>();

  constructor(storage: HubStorage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Reads the edges from the database; again whenever another process may have enrolled one. */
  async refresh(): Promise<void> {
    const rows = await this.#storage.db.selectFrom('edges').selectAll().orderBy('edge_id').execute();
    for (const row of rows) this.#set(row);
  }

  /** An edge as people see it; null when it is unknown. */
  get(edgeId: string): Edge | null {
    const row = this.#rows.get(edgeId);
    return row === undefined ? null : this.#view(row);
  }

  /** Every edge by id. */
  all(): Edge[] {
    return [...this.#rows.values()].sort((a, b) => (a.edge_id < b.edge_id ? -1 : 1)).map((row) => this.#view(row));
  }

  /** What the edge last said; null when the edge is unknown. */
  state(edgeId: string): EdgeState | null {
    return this.#states.get(edgeId) ?? null;
  }

  /** Key with which the edge signs its recordings (Ed25519 SPKI, base64url); null before it joined. */
  signingKey(edgeId: string): string | null {
    return this.#rows.get(edgeId)?.signing_key ?? null;
  }

  /** Joined edges with the verifiers of their secrets, for Mosquitto's files. */
  verifiers(): { edgeId: string; verifier: string }[] {
    return [...this.#rows.values()].flatMap((row) =>
      row.verifier === null ? [] : [{ edgeId: row.edge_id, verifier: row.verifier }],
    );
  }

  /** Whether a secret is the edge's. */
  async isAuthentic(edgeId: string, secret: string | Uint8Array): Promise<boolean> {
    const verifier = this.#rows.get(edgeId)?.verifier ?? null;
    return verifier !== null && verifySecret(verifier, secret);
  }

  /**
   * Makes a one-use token for a new edge, or a new one for an edge that has lost its credential (which works until the
   * new one is used).
   */
  async enrol(
    edgeId: string,
    name: string,
    regionId: string | null,
  ): Promise<{ token: string; expiresAtMs: number; edge: Edge }> {
    await this.refresh();
    if (!this.#rows.has(edgeId) && this.#rows.size >= EDGES_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `there are ${EDGES_MAX} edges already`);
    }
    const { token, sha256 } = newJoinToken();
    const nowMs = this.#clock.nowMs();
    const expiresAtMs = nowMs + JOIN_FILE_MS;
    const enrolment = {
      name,
      region_id: regionId,
      enrolled_at_ms: nowMs,
      join_token_sha256: sha256,
      join_expires_at_ms: expiresAtMs,
      join_used_at_ms: null,
    };
    const row = await this.#storage.db
      .insertInto('edges')
      .values({
        edge_id: edgeId,
        ...enrolment,
        joined_at_ms: null,
        verifier: null,
        sealing_key: null,
        signing_key: null,
      })
      .onConflict((conflict) => conflict.column('edge_id').doUpdateSet(enrolment))
      .returningAll()
      .executeTakeFirstOrThrow();
    this.#set(row);
    return { token, expiresAtMs, edge: this.#view(row) };
  }

  /**
   * Takes an edge in. The token works once; only the very same request may be repeated, because its answer may have
   * been lost. Rejects with JOIN_TOKEN_INVALID, or INVALID_BODY when a key is none.
   */
  async join(request: JoinRequest): Promise<Edge> {
    const { edgeId, sealingKey, signingKey } = request;
    const row = await this.#storage.db.selectFrom('edges').selectAll().where('edge_id', '=', edgeId).executeTakeFirst();
    if (row === undefined || !this.#tokenFits(row, request.token)) throw refused();
    if (!isSealingKey(sealingKey)) throw new SharpEyesError('INVALID_BODY', 'sealingKey is not a P-256 point');
    if (!isSigningKey(signingKey)) throw new SharpEyesError('INVALID_BODY', 'signingKey is not an Ed25519 key');
    if (row.join_used_at_ms !== null) {
      const isRepeated = row.sealing_key === sealingKey && row.signing_key === signingKey && row.verifier !== null;
      if (!isRepeated || !(await verifySecret(row.verifier ?? '', request.secret))) throw refused();
      this.#set(row);
      return this.#view(row);
    }
    const joinedAtMs = this.#clock.nowMs();
    const joined = await this.#storage.db
      .updateTable('edges')
      .set({
        join_used_at_ms: joinedAtMs,
        joined_at_ms: joinedAtMs,
        verifier: await makeVerifier(request.secret),
        sealing_key: sealingKey,
        signing_key: signingKey,
      })
      .where('edge_id', '=', edgeId)
      .where('join_token_sha256', '=', row.join_token_sha256)
      .where('join_used_at_ms', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (joined === undefined) throw refused();
    this.#set(joined);
    return this.#view(joined);
  }

  #tokenFits(row: EdgeRow, token: string): boolean {
    if (row.join_token_sha256 === null || (row.join_expires_at_ms ?? 0) <= this.#clock.nowMs()) return false;
    return timingSafeEqual(Buffer.from(row.join_token_sha256), Buffer.from(joinTokenHash(token)));
  }

  #set(row: EdgeRow): void {
    this.#rows.set(row.edge_id, row);
    if (!this.#states.has(row.edge_id)) this.#states.set(row.edge_id, new EdgeState(this.#clock.nowMs()));
  }

  #view(row: EdgeRow): Edge {
    const state = this.#states.get(row.edge_id);
    return {
      edgeId: row.edge_id,
      name: row.name,
      regionId: row.region_id,
      joinedAtMs: row.joined_at_ms,
      online: state?.online ?? false,
      sinceMs: state?.sinceMs ?? row.enrolled_at_ms,
      clockOffsetMs: state?.clockOffsetMs ?? null,
      status: state?.status ?? null,
      sealingKey: row.sealing_key,
    };
  }
}

function refused(): SharpEyesError {
  return new SharpEyesError(
    'JOIN_TOKEN_INVALID',
    'the join file is unknown, used or expired: issue a new one with `sharp-eyes hub enrol`',
  );
}
