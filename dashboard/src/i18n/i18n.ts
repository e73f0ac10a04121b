import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en/catalogue.ts';
import { zh } from './zh/catalogue.ts';

/** Languages of the product. */
export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The browser's first language that we speak; English when it asks for neither. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const lower = tag.toLowerCase();
    if (lower.startsWith('zh')) return 'zh';
    if (lower.startsWith('en')) return 'en';
  }
  return 'en';
}

/** Both catalogues are in the bundle: the language changes without asking the hub. */
export function startTranslation(language: Language): void {
  i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}
