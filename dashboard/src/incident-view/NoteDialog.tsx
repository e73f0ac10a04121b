import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { useIncidentStep } from '../data/incidents.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { TextArea } from '../ui/Field.tsx';
import { ErrorNote } from '../ui/Note.tsx';

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
        <ErrorNote error={step.error} />
        <div className="row" data-end>
          <Button tone="quiet" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            tone="solid"
            busy={step.isPending}
            disabled={text.trim() === ''}
            data-testid="note-submit"
          >
            {t('incidents.noteSave')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
