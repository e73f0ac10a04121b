import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { useIncidentStep } from '../data/incidents.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { DialogFoot } from '../ui/DialogFoot.tsx';
import { TextArea } from '../ui/Field.tsx';

export function NoteDialog({ incident, onClose }: { incident: IncidentSummary; onClose: () => void }) {
  const { t } = useTranslation();
  const step = useIncidentStep();
  const [text, setText] = useState('');
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (text.trim() === '') return;
    step.mutate({ kind: 'note', incidentId: incident.incidentId, text: text.trim() }, { onSuccess: onClose });
  }
  return (
    <Dialog title={t('incidents.number', { number: incident.number })} onClose={onClose} testId="note-dialog">
      <form className="stack" onSubmit={submit}>
        <TextArea
          label={t('incidents.noteLabel')}
          value={text}
          onChange={setText}
          maxLength={4000}
          testId="note-text"
          autoFocus
        />
        <DialogFoot
          step={step}
          submit={t('incidents.noteSave')}
          disabled={text.trim() === ''}
          onClose={onClose}
          testId="note-submit"
        />
      </form>
    </Dialog>
  );
}
