import { useMutation } from '@tanstack/react-query';
import { Download, FolderOpen, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FootageJob } from '../../../contract/footage.ts';
import { dropJob, isFinished, jobFailure, useJobs, useSigner } from '../data/footage.ts';
import { api } from '../data/services.ts';
import { bytesText } from '../format/numbers.ts';
import { clockTime, dateAndTime } from '../format/time.ts';
import { routeUrl } from '../transport/api-client.ts';
import { Button } from '../ui/Button.tsx';
import { CopyText } from '../ui/CopyText.tsx';
import { Empty } from '../ui/Empty.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { verifyLine } from './verify-line.ts';

/** The orders with their progress. They live in the hub, so a reload loses nothing. */
export function JobList() {
  const { t } = useTranslation();
  const jobs = useJobs();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t('footage.orders')}</h2>
      </div>
      <QueryView query={jobs}>
        {(all) =>
          all.length === 0 ? (
            <Empty
              icon={<FolderOpen size={36} strokeWidth={1.5} aria-hidden />}
              title={t('footage.emptyTitle')}
              testId="jobs-empty"
            >
              {t('footage.empty')}
            </Empty>
          ) : (
            <ul className="jobs" data-testid="job-list">
              {all.map((job) => (
                <li key={job.jobId}>
                  <Job job={job} />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  );
}

function Job({ job }: { job: FootageJob }) {
  const { t } = useTranslation();
  return (
    <article className="job" data-testid="job" data-job={job.jobId} data-phase={job.phase} data-kind={job.kind}>
      <div className="row">
        <span className="tag">{t(`footage.kind.${job.kind}`)}</span>
        <strong className="grow">{job.caseNumber ?? job.purpose}</strong>
        <span className="small muted">{t(`footage.phase.${job.phase}`)}</span>
      </div>
      <p className="small muted num">
        {dateAndTime(job.fromMs)} – {clockTime(job.toMs)} · {job.cameras.map((camera) => camera.name).join(', ')}
      </p>
      {job.caseNumber !== null && <p className="small faint">{job.purpose}</p>}
      {!isFinished(job) && <Progress job={job} />}
      <ErrorNote error={jobFailure(job)} />
      {job.gaps.length > 0 && <p className="small job-gaps">{t('footage.gaps', { count: job.gaps.length })}</p>}
      {job.phase === 'done' && job.kind === 'export' && <Verification job={job} />}
      <JobActions job={job} />
    </article>
  );
}

function Progress({ job }: { job: FootageJob }) {
  const { t } = useTranslation();
  const percent = Math.round(job.progress * 100);
  const done = bytesText(job.bytesDone);
  return (
    <div className="stack" data-gap="s" data-testid="job-progress" data-percent={percent}>
      <div className="progress" role="progressbar" aria-valuenow={percent} aria-label={t(`footage.phase.${job.phase}`)}>
        <div style={{ width: `${percent}%` }} />
      </div>
      <span className="small faint num">
        {job.bytesTotal === null
          ? t('footage.progressUnknown', { percent, done })
          : t('footage.progress', { percent, done, total: bytesText(job.bytesTotal) })}
      </span>
    </div>
  );
}

function Verification({ job }: { job: FootageJob }) {
  const { t } = useTranslation();
  const signer = useSigner().data;
  if (signer === undefined) return null;
  return (
    <CopyText
      label={t('footage.verifyLine')}
      text={verifyLine(job.fileName ?? 'FILE', signer.fingerprint)}
      testId="verify-line"
    />
  );
}

function JobActions({ job }: { job: FootageJob }) {
  const { t } = useTranslation();
  const [sure, setSure] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.call('cancelJob', { params: { jobId: job.jobId } }),
    onSuccess: () => dropJob(job.jobId),
  });
  const finished = isFinished(job);
  return (
    <>
      <div className="row">
        {job.phase === 'done' && (
          <a
            className="button"
            data-tone="solid"
            href={routeUrl('jobFile', { jobId: job.jobId })}
            download={job.fileName ?? true}
            data-testid="download"
          >
            <Download size={18} aria-hidden />
            {t('footage.download', { size: bytesText(job.fileBytes ?? 0) })}
          </a>
        )}
        <Button
          tone="quiet"
          icon={finished ? <Trash2 size={18} aria-hidden /> : <X size={18} aria-hidden />}
          busy={cancel.isPending}
          onClick={() => (sure || !finished ? cancel.mutate() : setSure(true))}
          data-testid="job-cancel"
        >
          {t(finished ? 'footage.remove' : 'footage.cancel')}
        </Button>
      </div>
      {sure && <p className="small muted">{t('footage.removeSure')}</p>}
      <ErrorNote error={cancel.error} />
    </>
  );
}
