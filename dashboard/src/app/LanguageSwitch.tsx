import { useTranslation } from 'react-i18next';
import { usePreferences } from '../preferences/preferences.ts';

/** One touch to the other language, labelled in that language. */
export function LanguageSwitch() {
  const { t } = useTranslation();
  const { language, setLanguage } = usePreferences();
  return (
    <button
      type="button"
      className="button language"
      data-tone="quiet"
      data-size="icon"
      data-testid="language-switch"
      data-language={language}
      aria-label={t('shell.language')}
      title={t('shell.language')}
      onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
    >
      {t('shell.languageShort')}
    </button>
  );
}
