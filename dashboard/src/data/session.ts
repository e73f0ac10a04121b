import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Static } from 'typebox';
import type { Permission } from '../../../contract/access.ts';
import type { SessionInfo } from '../../../contract/api/session.ts';
import { steadyNow } from '../player/player-clock.ts';
import { errorCode } from '../transport/api-error.ts';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import { api, hubClock } from './services.ts';

export type Session = Static<typeof SessionInfo>;

async function readSession(): Promise<Session | null> {
  const sentAtMs = steadyNow();
  try {
    const session = await api.call('session', {});
    hubClock.observe(sentAtMs, steadyNow(), session.hubAtMs);
    return session;
  } catch (thrown) {
    if (errorCode(thrown) === 'NOT_SIGNED_IN') return null;
    throw thrown;
  }
}

/** Who is signed in; null when nobody is. */
export function useSessionQuery(): UseQueryResult<Session | null> {
  return useQuery({ queryKey: keys.session, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY });
}

/** The session, where somebody is certainly signed in. */
export function useSession(): Session {
  const session = useSessionQuery().data;
  if (session == null) throw new Error('useSession outside a signed-in page');
  return session;
}

/** Whether the signed-in account has a permission. */
export function useMay(permission: Permission): boolean {
  return useSessionQuery().data?.permissions.includes(permission) ?? false;
}

export async function signIn(account: string, password: string): Promise<void> {
  const sentAtMs = steadyNow();
  const session = await api.call('signIn', { body: { account, password } });
  hubClock.observe(sentAtMs, steadyNow(), session.hubAtMs);
  forgetAnswers();
  queryClient.setQueryData(keys.session, session);
}

export async function changePassword(current: string, next: string): Promise<void> {
  await api.call('changePassword', { body: { current, next } });
  await queryClient.refetchQueries({ queryKey: keys.session });
}

/** Signs out here even when the hub cannot be told: the screen must not stay open. */
export async function signOut(): Promise<void> {
  await api.call('signOut', {}).catch(() => undefined);
  forgetSession();
}

export function forgetSession(): void {
  queryClient.setQueryData(keys.session, null);
  forgetAnswers();
}

/** What one person was shown is not left behind for the next. */
function forgetAnswers(): void {
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
}
