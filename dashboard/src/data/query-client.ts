import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { errorCode } from '../transport/api-error.ts';
import { keys } from './keys.ts';

function onError(thrown: unknown): void {
  const code = errorCode(thrown);
  if (code === 'PASSWORD_CHANGE_NEEDED') void queryClient.invalidateQueries({ queryKey: keys.session });
  if (code !== 'NOT_SIGNED_IN') return;
  if (queryClient.getQueryData(keys.session) != null) queryClient.setQueryData(keys.session, null);
}

/** Server state. It is kept while the hub is away: what was read stays readable. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 30 * 60_000,
      networkMode: 'always',
      refetchOnWindowFocus: false,
      retry: (failures, thrown) => failures < 2 && ['OFFLINE', 'TIMEOUT'].includes(errorCode(thrown)),
    },
    mutations: { networkMode: 'always' },
  },
});
