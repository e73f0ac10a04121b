import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePassword } from '../data/session.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';

const SHORTEST = 10;

export function ChangePasswordForm({ onDone }: { onDone?: () => void }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [checked, setChecked] = useState(false);
  const change = useMutation({ mutationFn: () => changePassword(current, next) });
  let nextError: string | null = null;
  if (checked && next.length < SHORTEST) nextError = t('shell.password.short');
  else if (checked && next === current) nextError = t('shell.password.same');
  const againError = checked && again !== next ? t('shell.password.differs') : null;
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (next.length >= SHORTEST && next !== current && again === next) change.mutate();
  }
  if (change.isSuccess && onDone !== undefined) {
    return (
      <>
        <Note>{t('shell.password.done')}</Note>
        <div className="row" data-end>
          <Button tone="solid" onClick={onDone}>
            {t('common.close')}
          </Button>
        </div>
      </>
    );
  }
  return (
    <form className="stack" onSubmit={submit}>
      <TextField
        label={t('shell.password.current')}
        type="password"
        value={current}
        onChange={setCurrent}
        autoComplete="current-password"
        testId="password-current"
      />
      <TextField
        label={t('shell.password.next')}
        type="password"
        value={next}
        onChange={setNext}
        autoComplete="new-password"
        hint={t('shell.password.hint')}
        error={nextError}
        testId="password-next"
      />
      <TextField
        label={t('shell.password.again')}
        type="password"
        value={again}
        onChange={setAgain}
        autoComplete="new-password"
        error={againError}
        testId="password-again"
      />
      <ErrorNote error={change.error} />
      <Button type="submit" tone="solid" busy={change.isPending} data-testid="password-submit">
        {t('shell.password.submit')}
      </Button>
    </form>
  );
}
