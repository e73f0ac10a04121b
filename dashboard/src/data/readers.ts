import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ReaderList } from '../../../contract/api/readers.ts';
import { keys } from './keys.ts';
import { api } from './services.ts';

/** The own passwords for other programs, and where these read. */
export function useReaders(): UseQueryResult<ReaderList> {
  return useQuery({ queryKey: keys.readers, queryFn: () => api.call('listReaders', {}) });
}
