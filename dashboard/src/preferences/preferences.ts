import i18next from 'i18next';
import { create } from 'zustand';
import { LANGUAGES, type Language, preferredLanguage } from '../i18n/i18n.ts';

export type Theme = 'dark' | 'light';

interface Preferences {
  language: Language;
  theme: Theme;
  /** No sound when an incident arrives. */
  muted: boolean;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
  setMuted: (muted: boolean) => void;
}

const KEYS = { language: 'sharp-eyes.language', theme: 'sharp-eyes.theme', muted: 'sharp-eyes.muted' } as const;

/** Storage may be switched off in a locked-down browser; then choices last as long as the page. */
function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

function show(language: Language, theme: Theme): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dataset['theme'] = theme;
}

/** Choices of the person at this browser, remembered here and nowhere else. */
export const usePreferences = create<Preferences>((set, get) => {
  const stored = recall(KEYS.language);
  const language = LANGUAGES.find((each) => each === stored) ?? preferredLanguage(navigator.languages);
  const theme: Theme = recall(KEYS.theme) === 'light' ? 'light' : 'dark';
  show(language, theme);
  return {
    language,
    theme,
    muted: recall(KEYS.muted) === 'yes',
    setLanguage(next) {
      remember(KEYS.language, next);
      show(next, get().theme);
      set({ language: next });
      void i18next.changeLanguage(next);
    },
    setTheme(next) {
      remember(KEYS.theme, next);
      show(get().language, next);
      set({ theme: next });
    },
    setMuted(next) {
      remember(KEYS.muted, next ? 'yes' : 'no');
      set({ muted: next });
    },
  };
});
