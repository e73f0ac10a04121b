import { useMutation } from '@tanstack/react-query';
import { FileClock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FootageJob } from '../../../contract/footage.ts';
import type { IncidentCamera, IncidentDetail } from '../../../contract/incident.ts';
import { jobFailure, takeJob, useJobs } from '../data/footage.ts';
import { api, hubClock } from '../data/services.ts';
import { clockTime, dateAndTime } from '../format/time.ts';
import { routeUrl } from '../transport/api-client.ts';
import { errorCode } from '../transport/api-error.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { ErrorNote } from '../ui/Note.tsx';

const BEFORE_MS = 10_000;
const AFTER_MS = 20_000;

interface Props {
  incident: IncidentDetail;
  camera: IncidentCamera;
}

/** Orders the recorded seconds around the incident's beginning and plays them; says that the look is audited. */
export function RecordedClip({ incident, camera }: Props) {
  const { t } = useTranslation();
  const [purpose, setPurpose] = useState(t('incidents.before.purposeText', { number: incident.number }));
  const fromMs = incident.firstEventAtMs - BEFORE_MS;
  const look = useMutation({
    mutationFn: () =>
      api.call('look', {
        body: {
          incidentId: incident.incidentId,
          purpose: purpose.trim(),
          deviceId: camera.deviceId,
          stream: 'main',
          fromMs,
          toMs: Math.min(incident.firstEventAtMs + AFTER_MS, hubClock.nowMs()),
        },
      }),
    onSuccess: takeJob,
  });
  const jobs = useJobs();
  const job = jobs.data?.find((each) => each.jobId === look.data?.jobId) ?? look.data;
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (purpose.trim().length >= 3) look.mutate();
  }
  return (
    <div className="recorded" data-testid="recorded" data-phase={job?.phase ?? 'none'}>
      {job === undefined || job.phase === 'failed' ? (
        <form className="stack" onSubmit={submit}>
          <h3>
            <FileClock size={18} aria-hidden /> {t('incidents.before.title')}
          </h3>
          <p className="small muted num">
            {t('incidents.before.wholeFrom', { time: clockTime(incident.firstEventAtMs) })}
          </p>
          <TextField
            label={t('incidents.before.purpose')}
            value={purpose}
            onChange={setPurpose}
            hint={t('incidents.before.audited')}
            maxLength={500}
            testId="look-purpose"
          />
          <LookError error={look.error} job={job} />
          <Button
            type="submit"
            tone="solid"
            busy={look.isPending}
            disabled={purpose.trim().length < 3}
            data-testid="look-submit"
          >
            {t('incidents.before.order')}
          </Button>
        </form>
      ) : (
        <Clip job={job} />
      )}
    </div>
  );
}

function LookError({ error, job }: { error: Error | null; job: FootageJob | undefined }) {
  const { t } = useTranslation();
  const failure = (job === undefined ? null : jobFailure(job)) ?? error;
  const offline = failure !== null && errorCode(failure) === 'EDGE_OFFLINE';
  return (
    <>
      <ErrorNote error={failure} />
      {offline && <p className="small muted">{t('incidents.before.offlineHint')}</p>}
    </>
  );
}

function Clip({ job }: { job: FootageJob }) {
  const { t } = useTranslation();
  const [unplayable, setUnplayable] = useState(false);
  if (job.phase !== 'done') {
    return (
      <div className="recorded-wait" role="status">
        <p className="small muted">{t('incidents.before.coming')}</p>
        <div className="progress">
          <div style={{ width: `${Math.round(job.progress * 100)}%` }} />
        </div>
      </div>
    );
  }
  const url = routeUrl('jobFile', { jobId: job.jobId });
  if (unplayable) {
    return (
      <a className="button" href={url} download={job.fileName ?? true}>
        {t('incidents.before.download')}
      </a>
    );
  }
  return (
    <>
      <video
        src={url}
        controls
        autoPlay
        muted
        playsInline
        onError={() => setUnplayable(true)}
        data-testid="recorded-video"
      />
      {job.clipStartAtMs !== null && (
        <span className="small recorded-from num">
          {t('incidents.before.from', { time: dateAndTime(job.clipStartAtMs) })}
        </span>
      )}
    </>
  );
}
