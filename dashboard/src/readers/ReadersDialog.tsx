import { useMutation } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reader, ReaderList } from '../../../contract/api/readers.ts';
import { useDevices } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { queryClient } from '../data/query-client.ts';
import { useReaders } from '../data/readers.ts';
import { api } from '../data/services.ts';
import { dateAndTime } from '../format/time.ts';
import { Button } from '../ui/Button.tsx';
import { CopyText } from '../ui/CopyText.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { readerAddress } from './address.ts';

/** Passwords with which other programs read live streams over RTSP in the own name. */
export function ReadersDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const query = useReaders();
  const [made, setMade] = useState<{ reader: Reader; password: string } | null>(null);
  return (
    <Dialog title={t('shell.readers.title')} onClose={onClose} testId="readers-dialog" dismissable={made === null} wide>
      <p className="muted">{t('shell.readers.lead')}</p>
      <QueryView query={query}>
        {(list) => (
          <div className="stack">
            {list.server === null && <Note tone="warn">{t('shell.readers.off')}</Note>}
            {made === null ? (
              <>
                <ReaderRows readers={list.readers} />
                {list.server !== null && <NewReader onMade={setMade} />}
              </>
            ) : (
              <MadeReader list={list} made={made} onDone={() => setMade(null)} />
            )}
          </div>
        )}
      </QueryView>
    </Dialog>
  );
}

function ReaderRows({ readers }: { readers: readonly Reader[] }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: (reader: string) => api.call('removeReader', { params: { reader } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.readers }),
  });
  if (readers.length === 0) return <p className="faint">{t('shell.readers.none')}</p>;
  return (
    <>
      <ErrorNote error={remove.error} />
      <table className="table" data-testid="readers">
        <thead>
          <tr>
            <th>{t('shell.readers.name')}</th>
            <th>{t('shell.readers.user')}</th>
            <th>{t('shell.readers.used')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {readers.map(({ reader, name, lastUsedAtMs }) => (
            <tr key={reader} data-testid="reader" data-reader={reader}>
              <td>{name}</td>
              <td className="mono">{reader}</td>
              <td>{lastUsedAtMs === null ? t('shell.readers.never') : dateAndTime(lastUsedAtMs)}</td>
              <td>
                <Button
                  tone="quiet"
                  icon={<Trash2 size={18} aria-hidden />}
                  label={t('shell.readers.remove', { name })}
                  busy={remove.isPending && remove.variables === reader}
                  onClick={() => remove.mutate(reader)}
                  data-testid="reader-remove"
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function NewReader({ onMade }: { onMade: (made: { reader: Reader; password: string }) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: () => api.call('createReader', { body: { name: name.trim() } }),
    onSuccess: (made) => {
      onMade(made);
      return queryClient.invalidateQueries({ queryKey: keys.readers });
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() !== '') create.mutate();
  }
  return (
    <form className="stack" onSubmit={submit}>
      <TextField
        label={t('shell.readers.newName')}
        hint={t('shell.readers.newHint')}
        value={name}
        onChange={setName}
        maxLength={64}
        testId="reader-name"
      />
      <ErrorNote error={create.error} />
      <div className="row" data-end>
        <Button
          type="submit"
          tone="solid"
          busy={create.isPending}
          disabled={name.trim() === ''}
          data-testid="reader-create"
        >
          {t('shell.readers.create')}
        </Button>
      </div>
    </form>
  );
}

/** What is shown once: the password, and an address to copy. */
function MadeReader(props: { list: ReaderList; made: { reader: Reader; password: string }; onDone: () => void }) {
  const { t } = useTranslation();
  const { list, made, onDone } = props;
  const cameras = (useDevices().data ?? []).filter(({ edge }) => (edge?.streams.length ?? 0) > 0);
  const [deviceId, setDeviceId] = useState('');
  const chosen = deviceId === '' ? (cameras[0]?.deviceId ?? '') : deviceId;
  return (
    <>
      <Note tone="warn">{t('shell.readers.once')}</Note>
      <CopyText label={t('shell.readers.user')} text={made.reader.reader} testId="reader-user" />
      <CopyText label={t('shell.readers.password')} text={made.password} testId="reader-password" />
      {list.server !== null && cameras.length > 0 && (
        <SelectField
          label={t('shell.readers.camera')}
          value={chosen}
          onChange={setDeviceId}
          options={cameras.map((camera) => ({ value: camera.deviceId, label: camera.name }))}
          testId="reader-camera"
        />
      )}
      {list.server !== null && chosen !== '' && (
        <CopyText
          label={t('shell.readers.address')}
          text={readerAddress(list.server, location.hostname, chosen, 'main')}
          testId="reader-address"
        />
      )}
      <div className="row" data-end>
        <Button tone="solid" onClick={onDone} data-testid="reader-done">
          {t('shell.readers.done')}
        </Button>
      </div>
    </>
  );
}
