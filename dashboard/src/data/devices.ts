import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Device, Edge, HubCandidate, Region } from '../../../contract/api/devices.ts';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import { api } from './services.ts';
import { useMay } from './session.ts';

export function useDevices(): UseQueryResult<Device[]> {
  return useQuery({
    queryKey: keys.devices,
    queryFn: () => api.call('listDevices', {}),
    enabled: useMay('device.read'),
  });
}

export function useEdges(): UseQueryResult<Edge[]> {
  return useQuery({ queryKey: keys.edges, queryFn: () => api.call('listEdges', {}), enabled: useMay('device.read') });
}

export function useRegions(): UseQueryResult<Region[]> {
  return useQuery({
    queryKey: keys.regions,
    queryFn: () => api.call('listRegions', {}),
    enabled: useMay('device.read'),
  });
}

export function useCandidates(): UseQueryResult<HubCandidate[]> {
  return useQuery({
    queryKey: keys.candidates,
    queryFn: () => api.call('listCandidates', {}),
    enabled: useMay('device.manage'),
  });
}

export type Profiles = Awaited<ReturnType<typeof readProfiles>>;

async function readProfiles(edgeId: string) {
  return (await api.call('listProfiles', { params: { edgeId } })).profiles;
}

export function useProfiles(edgeId: string): UseQueryResult<Profiles> {
  return useQuery({ queryKey: keys.profiles(edgeId), queryFn: () => readProfiles(edgeId), staleTime: 60_000 });
}

/** Replaces an entry of a cached list, or adds it. */
export function takeInto<T>(key: readonly unknown[], entry: T, same: (other: T) => boolean): void {
  queryClient.setQueryData<T[]>(key, (before) => {
    if (before === undefined) return before;
    return before.some(same) ? before.map((each) => (same(each) ? entry : each)) : [...before, entry];
  });
}

export function takeDevice(device: Device): void {
  takeInto(keys.devices, device, (other) => other.deviceId === device.deviceId);
}

export function dropDevice(deviceId: string): void {
  queryClient.setQueryData<Device[]>(keys.devices, (before) => before?.filter((each) => each.deviceId !== deviceId));
}

export function takeEdge(edge: Edge): void {
  takeInto(keys.edges, edge, (other) => other.edgeId === edge.edgeId);
}

export function takeCandidate(candidate: HubCandidate): void {
  takeInto(
    keys.candidates,
    candidate,
    (other) => other.candidateId === candidate.candidateId && other.edgeId === candidate.edgeId,
  );
}

/** The tree in reading order, with its depth. */
export function regionTree(regions: readonly Region[]): { region: Region; depth: number }[] {
  const ids = new Set(regions.map((region) => region.regionId));
  const rows: { region: Region; depth: number }[] = [];
  function add(parentId: string | null, depth: number): void {
    for (const region of regions) {
      // An account with an area sees a tree whose top has a parent it cannot see.
      const parent = region.parentId !== null && ids.has(region.parentId) ? region.parentId : null;
      if (parent !== parentId || rows.some((row) => row.region === region)) continue;
      rows.push({ region, depth });
      if (depth < 8) add(region.regionId, depth + 1);
    }
  }
  add(null, 0);
  return rows;
}
