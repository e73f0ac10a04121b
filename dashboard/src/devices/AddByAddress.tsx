import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { takeCandidate } from '../data/devices.ts';
import { api } from '../data/services.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { DialogFoot } from '../ui/DialogFoot.tsx';
import { TextField } from '../ui/Field.tsx';

/** For cameras that no search can reach. Leads straight on to setting it up. */
export function AddByAddress({ edgeId, onClose }: { edgeId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [checked, setChecked] = useState(false);
  const trimmed = url.trim();
  const secret = /^[a-z]+:\/\/[^/]*@/i.test(trimmed);
  const fine = /^(rtsps?|https?):\/\/[^/\s]+/i.test(trimmed) && !secret;
  const add = useMutation({
    mutationFn: () =>
      api.call('addCandidate', {
        params: { edgeId },
        body: { url: trimmed, ...(name.trim() === '' ? {} : { name: name.trim() }) },
      }),
    onSuccess: (candidate) => {
      takeCandidate(candidate);
      void navigate(`/devices/found/${edgeId}/${candidate.candidateId}`);
    },
  });
  let error: string | null = null;
  if (secret) error = t('devices.address.urlSecret');
  else if (checked && !fine) error = t('devices.address.urlBad');
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (fine) add.mutate();
  }
  return (
    <Dialog title={t('devices.address.title')} onClose={onClose} testId="address-dialog">
      <p className="muted">{t('devices.address.lead')}</p>
      <form className="stack" onSubmit={submit}>
        <TextField
          label={t('devices.address.url')}
          value={url}
          onChange={setUrl}
          hint={t('devices.address.urlHint')}
          error={error}
          type="url"
          inputMode="url"
          mono
          autoFocus
          maxLength={512}
          testId="address-url"
        />
        <TextField
          label={`${t('devices.address.name')} (${t('common.optional')})`}
          value={name}
          onChange={setName}
          maxLength={128}
          testId="address-name"
        />
        <DialogFoot step={add} submit={t('devices.address.submit')} onClose={onClose} testId="address-submit" />
      </form>
    </Dialog>
  );
}
