import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../format/use-error-text.ts';
import { errorCode } from '../transport/api-error.ts';
import { Button } from './Button.tsx';

/** A remark beside the work. */
export function Note({ tone = 'plain', children }: { tone?: 'plain' | 'warn' | 'alert'; children: ReactNode }) {
  return (
    <div className="note" data-tone={tone} role={tone === 'plain' ? undefined : 'alert'}>
      {tone === 'plain' ? <Info size={18} aria-hidden /> : <TriangleAlert size={18} aria-hidden />}
      <div>{children}</div>
    </div>
  );
}

/** What went wrong and what to do, in the language of the reader; nothing while `error` is null. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (error === null || error === undefined) return null;
  return (
    <div className="note" data-tone="warn" role="alert" data-testid="error-note" data-code={errorCode(error)}>
      <TriangleAlert size={18} aria-hidden />
      <div className="stack" data-gap="s">
        <span>{errorText(error)}</span>
        {onRetry !== undefined && (
          <span>
            <Button onClick={onRetry}>{t('common.retry')}</Button>
          </span>
        )}
      </div>
    </div>
  );
}
