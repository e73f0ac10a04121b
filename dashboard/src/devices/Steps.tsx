import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface Props {
  title: string;
  /** Names of the steps; empty for a page of one step. */
  steps?: readonly string[];
  at?: number;
  children: ReactNode;
}

/** The narrow page of a task that goes step by step, made for one hand. */
export function Steps({ title, steps = [], at = 0, children }: Props) {
  const { t } = useTranslation();
  return (
    <div className="page steps-page">
      <div className="page-head">
        <Link className="button" data-tone="quiet" data-size="icon" to="/devices/found" aria-label={t('common.back')}>
          <ArrowLeft size={20} aria-hidden />
        </Link>
        <h1>{title}</h1>
      </div>
      {steps.length > 0 && (
        <ol className="steps" aria-label={t('devices.wizard.progress', { at: at + 1, of: steps.length })}>
          {steps.map((step, index) => (
            <li key={step} aria-current={index === at ? 'step' : undefined} data-done={index < at || undefined}>
              <span>{step}</span>
            </li>
          ))}
        </ol>
      )}
      {children}
    </div>
  );
}
