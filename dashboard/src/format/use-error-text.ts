import { useTranslation } from 'react-i18next';
import type { errors } from '../i18n/en/errors.ts';
import { errorCode } from '../transport/api-error.ts';

/** The sentence for whatever was thrown; a code that only a newer hub knows reads as a fault of ours. */
export function useErrorText(): (thrown: unknown) => string {
  const { t, i18n } = useTranslation();
  return (thrown) => {
    const code = errorCode(thrown);
    return i18n.exists(`errors.${code}`) ? t(`errors.${code as keyof typeof errors}`) : t('errors.INTERNAL');
  };
}
