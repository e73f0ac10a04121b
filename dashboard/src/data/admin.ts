import { type UseQueryResult, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Static } from 'typebox';
import type { AuditEntry } from '../../../contract/api/centre.ts';
import type { Account as AccountSchema } from '../../../contract/api/session.ts';
import { keys } from './keys.ts';
import { api } from './services.ts';

export type Account = Static<typeof AccountSchema>;

export function useAccounts(): UseQueryResult<Account[]> {
  return useQuery({ queryKey: keys.accounts, queryFn: () => api.call('listAccounts', {}) });
}

const PAGE = 100;

/** The audit log, newest first, page by page. */
export function useAudit(action: string) {
  return useInfiniteQuery({
    queryKey: keys.audit(action),
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      api.call('listAudit', {
        query: {
          limit: PAGE,
          ...(pageParam === undefined ? {} : { before: pageParam }),
          ...(action === '' ? {} : { action }),
        },
      }),
    getNextPageParam: (last: AuditEntry[]) => (last.length < PAGE ? undefined : last.at(-1)?.sequence),
  });
}
