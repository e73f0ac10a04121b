import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { FootageJob, RecordingTimeline } from '../../../contract/footage.ts';
import { type ApiError, readApiError } from '../transport/api-error.ts';
import { keys } from './keys.ts';
import { queryClient } from './query-client.ts';
import { api } from './services.ts';
import { useMay } from './session.ts';

/** The own orders. They live in the hub, so they are here again after a reload. */
export function useJobs(): UseQueryResult<FootageJob[]> {
  return useQuery({
    queryKey: keys.jobs,
    queryFn: () => api.call('listJobs', {}),
    enabled: useMay('footage.view'),
    // The socket announces progress; this is for the case that it does not.
    refetchInterval: (query) => (query.state.data?.some((job) => !isFinished(job)) ? 3000 : false),
  });
}

export function isFinished(job: FootageJob): boolean {
  return job.phase === 'done' || job.phase === 'failed';
}

/** Why an order failed, as any other error; null while it did not. */
export function jobFailure(job: FootageJob): ApiError | null {
  return job.error === null ? null : readApiError(500, { error: job.error });
}

export function takeJob(job: FootageJob): void {
  queryClient.setQueryData<FootageJob[]>(keys.jobs, (before) => {
    if (before === undefined) return before;
    return before.some((each) => each.jobId === job.jobId)
      ? before.map((each) => (each.jobId === job.jobId ? job : each))
      : [job, ...before];
  });
}

export function dropJob(jobId: string): void {
  queryClient.setQueryData<FootageJob[]>(keys.jobs, (before) => before?.filter((each) => each.jobId !== jobId));
}

export function useTimeline(deviceId: string, fromMs: number, toMs: number): UseQueryResult<RecordingTimeline> {
  return useQuery({
    queryKey: keys.timeline(deviceId, fromMs, toMs),
    queryFn: () => api.call('timeline', { query: { deviceId, stream: 'main', fromMs, toMs } }),
    staleTime: 10_000,
    placeholderData: (before) => before,
  });
}

export function useSigner(): UseQueryResult<{ fingerprint: string }> {
  return useQuery({ queryKey: keys.signer, queryFn: () => api.call('signer', {}), staleTime: 3_600_000 });
}
