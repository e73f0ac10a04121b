import { type UseMutationResult, type UseQueryResult, useMutation, useQuery } from '@tanstack/react-query';
import type { Wall } from '../../../contract/api/centre.ts';
import { errorCode } from '../transport/api-error.ts';
import { takeInto } from './devices.ts';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import { api } from './services.ts';
import { useMay } from './session.ts';

export function useWalls(): UseQueryResult<Wall[]> {
  return useQuery({ queryKey: keys.walls, queryFn: () => api.call('listWalls', {}), enabled: useMay('live.view') });
}

export function takeWall(wall: Wall): void {
  takeInto(keys.walls, wall, (other) => other.wallId === wall.wallId);
}

/** Changes the wall for everybody who looks at it; the server decides between two who change it at once. */
export function useChangeWall(): UseMutationResult<Wall, Error, Wall> {
  return useMutation({
    mutationFn: ({ wallId, ...body }) => api.call('changeWall', { params: { wallId }, body }),
    onSuccess: takeWall,
    onError: (thrown) => {
      if (errorCode(thrown) === 'CONFLICT') void queryClient.invalidateQueries({ queryKey: keys.walls });
    },
  });
}
