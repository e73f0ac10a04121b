import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CLOSING_CODES, type ClosingCode, type IncidentSummary } from '../../../contract/incident.ts';
import { useIncidentStep } from '../data/incidents.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { DialogFoot } from '../ui/DialogFoot.tsx';
import { TextArea } from '../ui/Field.tsx';
import { Segments } from '../ui/Segments.tsx';

/** Closing with a result; the remark is free. */
export function CloseDialog({ incident, onClose }: { incident: IncidentSummary; onClose: () => void }) {
  const { t } = useTranslation();
  const step = useIncidentStep();
  const [code, setCode] = useState<ClosingCode>('handled');
  const [text, setText] = useState('');
  function submit(event: FormEvent): void {
    event.preventDefault();
    const { incidentId, version } = incident;
    step.mutate({ kind: 'close', incidentId, version, code, text: text.trim() }, { onSuccess: onClose });
  }
  return (
    <Dialog title={t('incidents.closeTitle', { number: incident.number })} onClose={onClose} testId="close-dialog">
      <form className="stack" onSubmit={submit}>
        <div className="field">
          <span className="field-label">{t('incidents.closeCode')}</span>
          <div className="wrap-segments">
            <Segments
              label={t('incidents.closeCode')}
              value={code}
              onChange={setCode}
              testId="close-code"
              options={CLOSING_CODES.map((each) => ({ value: each, label: t(`words.closingCode.${each}`) }))}
            />
          </div>
        </div>
        <TextArea
          label={t('incidents.closeText')}
          hint={t('incidents.closeTextHint')}
          value={text}
          onChange={setText}
          maxLength={4000}
          testId="close-text"
          autoFocus
        />
        <DialogFoot step={step} submit={t('incidents.closeSubmit')} onClose={onClose} testId="close-submit" />
      </form>
    </Dialog>
  );
}
