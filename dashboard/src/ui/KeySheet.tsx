import { useTranslation } from 'react-i18next';
import { Dialog } from './Dialog.tsx';

/** The page's keys at a glance. */
export function KeySheet({
  rows,
  onClose,
}: {
  rows: readonly (readonly [key: string, what: string])[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('shell.keys')} onClose={onClose} testId="key-sheet">
      <dl className="facts">
        {rows.map(([key, what]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
