import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { PtzControl, PtzHolder } from '../../../contract/api/ptz.ts';
import type { PtzPreset } from '../../../contract/command.ts';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import { api } from './services.ts';
import { useMay } from './session.ts';

/** Who turns a camera now; null when nobody does. */
export function usePtzHolder(deviceId: string): PtzHolder | null {
  const controls = useQuery({
    queryKey: keys.ptzControls,
    queryFn: () => api.call('listPtzControls', {}),
    enabled: useMay('live.view'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return controls.data?.find((control) => control.deviceId === deviceId)?.holder ?? null;
}

export function takePtzControl(control: PtzControl): void {
  queryClient.setQueryData<PtzControl[]>(keys.ptzControls, (before) => {
    const others = before?.filter(({ deviceId }) => deviceId !== control.deviceId) ?? [];
    return control.holder === null ? others : [...others, control];
  });
}

export function usePtzPresets(deviceId: string): UseQueryResult<PtzPreset[]> {
  return useQuery({
    queryKey: keys.ptzPresets(deviceId),
    queryFn: async () => (await api.call('listPtzPresets', { params: { deviceId } })).presets,
    // Others may have changed them since the controls were last open.
    staleTime: 0,
    retry: false,
  });
}

/** After one was remembered or forgotten. */
export function refreshPtzPresets(deviceId: string): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: keys.ptzPresets(deviceId) });
}
