import { useTranslation } from 'react-i18next';

/** The mark; its name is read out. */
export function Brand({ size = 30 }: { size?: number }) {
  const { t } = useTranslation();
  return (
    <svg className="brand" width={size} height={size} viewBox="0 0 32 32" role="img" aria-label={t('common.product')}>
      <path
        d="M3 16C7 9.600 11.200 6.400 16 6.400S25 9.600 29 16c-4 6.400-8.200 9.600-13 9.600S7 22.400 3 16Z"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
      />
      <circle cx="16" cy="16" r="4.800" fill="currentColor" />
    </svg>
  );
}
