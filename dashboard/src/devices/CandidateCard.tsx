import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { HubCandidate } from '../../../contract/api/devices.ts';
import { useDevices } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { queryClient } from '../data/query-client.ts';
import { api, hubClock } from '../data/services.ts';
import { useFormat } from '../format/use-format.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { DeviceIcon } from './DeviceIcon.tsx';

/** Something that was found: what it is, what is new about it, and the next step. */
export function CandidateCard({ candidate }: { candidate: HubCandidate }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const devices = useDevices();
  const { edgeId, candidateId } = candidate;
  const dismiss = useMutation({
    mutationFn: () => api.call('dismissCandidate', { params: { edgeId, candidateId } }),
    onSuccess: () =>
      queryClient.setQueryData<HubCandidate[]>(keys.candidates, (before) =>
        before?.filter((each) => each.candidateId !== candidateId || each.edgeId !== edgeId),
      ),
  });
  const known = devices.data?.find((device) => device.deviceId === candidate.registeredAs);
  return (
    <article
      className="panel card"
      data-testid="candidate"
      data-candidate={candidateId}
      data-address={candidate.address}
      data-change={candidate.change}
    >
      <div className="card-head">
        <DeviceIcon type={candidate.type} />
        <div className="grow">
          <strong>{candidate.name}</strong>
          <span className="small muted">{candidate.hardware}</span>
        </div>
        <span className="tag">{t(`devices.found.change.${candidate.change}`)}</span>
      </div>
      <p className="mono small card-address">{candidate.address}</p>
      <p className="small faint">
        {t(`words.driver.${candidate.driver}`)} · {t(`devices.found.foundBy.${candidate.foundBy}`)} ·{' '}
        {t('devices.found.lastSeen', { age: duration(hubClock.nowMs() - candidate.lastSeenMs) })}
      </p>
      <ErrorNote error={dismiss.error} />
      <div className="row card-actions">
        {candidate.registeredAs === null ? (
          <Link
            className="button"
            data-tone="solid"
            to={`/devices/found/${edgeId}/${candidateId}`}
            data-testid="candidate-set-up"
          >
            {t('devices.found.setUp')}
          </Link>
        ) : (
          <Link className="button" to={`/devices/registered/${candidate.registeredAs}`}>
            {t('devices.found.registeredAs', { name: known?.name ?? candidate.registeredAs })}
          </Link>
        )}
        <Button tone="quiet" busy={dismiss.isPending} onClick={() => dismiss.mutate()} data-testid="candidate-dismiss">
          {t('devices.found.dismiss')}
        </Button>
      </div>
    </article>
  );
}
