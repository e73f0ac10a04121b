import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../../contract/api/devices.ts';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { takeJob } from '../data/footage.ts';
import { api, hubClock } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { CameraChecks } from './CameraChecks.tsx';
import { GapList } from './GapList.tsx';
import { RangePanel } from './RangePanel.tsx';
import { rangeFault, type Span } from './range.ts';

interface Props {
  cameras: readonly Device[];
  incident: IncidentSummary | null;
}

function firstRange(incident: IncidentSummary | null): Span {
  const nowMs = Math.floor(hubClock.nowMs() / 1000) * 1000;
  if (incident === null) return { fromMs: nowMs - 360_000, toMs: nowMs - 60_000 };
  const fromMs = Math.floor((incident.firstEventAtMs - 60_000) / 1000) * 1000;
  const toMs = Math.ceil((incident.lastEventAtMs + 180_000) / 1000) * 1000;
  return { fromMs, toMs: Math.max(fromMs + 10_000, Math.min(toMs, nowMs)) };
}

/** Range, cameras, case number, purpose: one order, one sealed package. */
export function OrderForm({ cameras, incident }: Props) {
  const { t } = useTranslation();
  const [range, setRange] = useState(() => firstRange(incident));
  const [chosen, setChosen] = useState<readonly string[]>(() => incident?.cameras.map((each) => each.deviceId) ?? []);
  const [caseNumber, setCaseNumber] = useState('');
  const [purpose, setPurpose] = useState(
    incident === null ? '' : t('footage.purposeText', { number: incident.number }),
  );
  const [checked, setChecked] = useState(false);
  const order = useMutation({
    mutationFn: () =>
      api.call('exportFootage', {
        body: {
          incidentId: incident?.incidentId ?? null,
          caseNumber: caseNumber.trim(),
          purpose: purpose.trim(),
          cameras: chosen.map((deviceId) => ({ deviceId, stream: 'main' })),
          ...range,
        },
      }),
    onSuccess: (job) => {
      takeJob(job);
      setChecked(false);
    },
  });
  const fault = rangeFault(range, hubClock.nowMs());
  const complete = fault === null && chosen.length > 0 && caseNumber.trim() !== '' && purpose.trim().length >= 3;
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (complete) order.mutate();
  }
  const lanes = cameras
    .filter((camera) => chosen.includes(camera.deviceId))
    .map(({ deviceId, name }) => ({ deviceId, name }));
  return (
    <form className="panel" onSubmit={submit} data-testid="export-form">
      <div className="panel-head">
        <h2>{t('footage.newOrder')}</h2>
        {incident !== null && (
          <span className="small muted">{t('footage.fromIncident', { number: incident.number })}</span>
        )}
      </div>
      <div className="panel-body stack">
        <CameraChecks
          cameras={cameras}
          first={incident?.cameras.map((each) => each.deviceId) ?? []}
          chosen={chosen}
          onChange={setChosen}
          error={checked && chosen.length === 0 ? t('footage.noCamera') : null}
        />
        <RangePanel range={range} onRange={setRange} lanes={lanes} fault={fault} />
        <GapList lanes={lanes} range={range} />
        <div className="columns">
          <TextField
            label={t('footage.caseNumber')}
            value={caseNumber}
            onChange={setCaseNumber}
            maxLength={64}
            error={checked && caseNumber.trim() === '' ? t('footage.caseNumberBad') : null}
            testId="export-case"
          />
          <TextField
            label={t('footage.purpose')}
            value={purpose}
            onChange={setPurpose}
            maxLength={500}
            hint={t('footage.purposeHint')}
            error={checked && purpose.trim().length < 3 ? t('footage.purposeBad') : null}
            testId="export-purpose"
          />
        </div>
        <ErrorNote error={order.error} />
        {order.isSuccess && <Note>{t('footage.ordered')}</Note>}
        <div className="row" data-end>
          <Button type="submit" tone="solid" busy={order.isPending} data-testid="export-submit">
            {t('footage.submit')}
          </Button>
        </div>
      </div>
    </form>
  );
}
