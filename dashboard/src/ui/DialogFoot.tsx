import { useTranslation } from 'react-i18next';
import { Button } from './Button.tsx';
import { ErrorNote } from './Note.tsx';

interface Props {
  /** What the form sets off. */
  step: { error: unknown; isPending: boolean };
  submit: string;
  disabled?: boolean;
  onClose: () => void;
  testId: string;
}

/** The end of a dialog's form: what went wrong, the way out, and the step itself. */
export function DialogFoot({ step, submit, disabled, onClose, testId }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <ErrorNote error={step.error} />
      <div className="row" data-end>
        <Button tone="quiet" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" tone="solid" busy={step.isPending} disabled={disabled} data-testid={testId}>
          {submit}
        </Button>
      </div>
    </>
  );
}
