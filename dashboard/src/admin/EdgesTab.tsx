import { useMutation } from '@tanstack/react-query';
import { Download, Plus, Server } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { regionTree, useEdges, useRegions } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { queryClient } from '../data/query-client.ts';
import { api, hubClock } from '../data/services.ts';
import { dateAndTime, timeOrDate } from '../format/time.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { DialogFoot } from '../ui/DialogFoot.tsx';
import { Empty } from '../ui/Empty.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { Note } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';

/** Edges and join files for new ones. */
export function EdgesTab() {
  const { t } = useTranslation();
  const edges = useEdges();
  const [enrolling, setEnrolling] = useState(false);
  return (
    <div className="stack">
      <div className="row">
        <p className="muted grow">{t('admin.edges.lead')}</p>
        <Button
          tone="solid"
          icon={<Plus size={18} aria-hidden />}
          onClick={() => setEnrolling(true)}
          data-testid="edge-enrol"
        >
          {t('admin.edges.enrol')}
        </Button>
      </div>
      <QueryView query={edges}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon={<Server size={40} strokeWidth={1.5} aria-hidden />} title={t('admin.edges.emptyTitle')}>
              {t('admin.edges.empty')}
            </Empty>
          ) : (
            <ul className="panel lines">
              {all.map((edge) => (
                <li key={edge.edgeId} className="line">
                  <div className="grow">
                    <strong>{edge.name}</strong> <span className="mono small faint">{edge.edgeId}</span>
                  </div>
                  <span className="small muted num">
                    {edge.joinedAtMs === null
                      ? t('admin.edges.waiting')
                      : t('admin.edges.joined', { time: timeOrDate(edge.joinedAtMs, hubClock.nowMs()) })}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
      {enrolling && <EnrolDialog onClose={() => setEnrolling(false)} />}
    </div>
  );
}

function EnrolDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const regions = useRegions();
  const [edgeId, setEdgeId] = useState('');
  const [name, setName] = useState('');
  const [regionId, setRegionId] = useState('');
  const [checked, setChecked] = useState(false);
  const fine = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(edgeId.trim());
  const enrol = useMutation({
    mutationFn: () =>
      api.call('enrolEdge', {
        body: {
          edgeId: edgeId.trim(),
          name: name.trim() === '' ? edgeId.trim() : name.trim(),
          regionId: regionId === '' ? null : regionId,
        },
      }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: keys.edges }),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (fine) enrol.mutate();
  }
  if (enrol.data !== undefined) {
    const { joinFile, expiresAtMs } = enrol.data;
    return (
      <Dialog
        title={t('admin.edges.readyTitle', { name: name || edgeId })}
        onClose={onClose}
        dismissable={false}
        testId="edge-enrolled"
      >
        <Note>{t('admin.edges.ready', { time: dateAndTime(expiresAtMs) })}</Note>
        <div className="row" data-end>
          <Button onClick={onClose}>{t('common.close')}</Button>
          <Button
            tone="solid"
            icon={<Download size={18} aria-hidden />}
            onClick={() => saveFile(`${enrol.data.edgeId}.join.json`, joinFile)}
            data-testid="join-file"
          >
            {t('admin.edges.download')}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t('admin.edges.enrol')} onClose={onClose} testId="edge-dialog">
      <form className="stack" onSubmit={submit}>
        <TextField
          label={t('admin.edges.id')}
          value={edgeId}
          onChange={setEdgeId}
          hint={t('admin.edges.idHint')}
          error={checked && !fine ? t('admin.edges.idBad') : null}
          maxLength={64}
          autoFocus
          testId="edge-id"
        />
        <TextField label={t('admin.edges.name')} value={name} onChange={setName} maxLength={100} testId="edge-name" />
        <SelectField
          label={t('admin.edges.region')}
          value={regionId}
          onChange={setRegionId}
          options={[
            { value: '', label: t('common.noRegion') },
            ...regionTree(regions.data ?? []).map(({ region, depth }) => ({
              value: region.regionId,
              label: `${'\u2003'.repeat(depth)}${region.name}`,
            })),
          ]}
        />
        <DialogFoot step={enrol} submit={t('admin.edges.submit')} onClose={onClose} testId="edge-submit" />
      </form>
    </Dialog>
  );
}

function saveFile(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
