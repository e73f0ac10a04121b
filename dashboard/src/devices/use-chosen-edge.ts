import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Edge } from '../../../contract/api/devices.ts';
import { useEdges } from '../data/devices.ts';

/** The edge of `?edge=…`, else the first joined one; can be changed. */
export function useChosenEdge(): { edges: readonly Edge[]; edge: Edge | undefined; choose: (edgeId: string) => void } {
  const [search] = useSearchParams();
  const [chosen, choose] = useState(search.get('edge'));
  const edges = (useEdges().data ?? []).filter((each) => each.joinedAtMs !== null);
  return { edges, edge: edges.find((each) => each.edgeId === chosen) ?? edges[0], choose };
}

/** Address on which an edge listens for something, e.g. `mqtt`; null while it says none. */
export function listenerOf(edge: Edge, word: RegExp): string | null {
  return edge.status?.listeners.find((listener) => word.test(listener.name))?.address ?? null;
}
