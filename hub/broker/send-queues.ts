import { SharpEyesError } from '../../contract/errors.ts';

/** Messages that wait for one edge; an edge that reads has none waiting for longer than a moment. */
const WAITING_MAX = 512;

type Send = () => Promise<void>;

/**
 * Sends to each edge one message after the other. The broker's delivery slots are shared by all edges, and a message to
 * an edge that does not read keeps its slot until that edge is dropped: so an edge gets one slot and no more.
 */
export class SendQueues {
  readonly #waiting = new Map<string, Send[]>();
  readonly #counters = { unsent: 0 };

  /** Resolves and rejects as `send` does; rejects with EDGE_OFFLINE when too much waits for this edge already. */
  send(edgeId: string, send: Send): Promise<void> {
    const waiting = this.#waiting.get(edgeId);
    if (waiting !== undefined && waiting.length >= WAITING_MAX) {
      this.#counters.unsent++;
      const message = `the edge ${edgeId} does not read what it is sent; this was not sent`;
      return Promise.reject(new SharpEyesError('EDGE_OFFLINE', message, { context: { edgeId } }));
    }
    return new Promise((resolve, reject) => {
      const turn: Send = () => send().then(resolve, reject);
      if (waiting !== undefined) waiting.push(turn);
      else {
        this.#waiting.set(edgeId, []);
        void this.#run(edgeId, turn);
      }
    });
  }

  /** Messages that were not sent since the start, and how many wait. */
  counters(): Record<string, number> {
    let waiting = 0;
    for (const { length } of this.#waiting.values()) waiting += length;
    return { ...this.#counters, waiting };
  }

  async #run(edgeId: string, first: Send): Promise<void> {
    for (let turn: Send | undefined = first; turn !== undefined; turn = this.#waiting.get(edgeId)?.shift()) {
      await turn();
    }
    this.#waiting.delete(edgeId);
  }
}
