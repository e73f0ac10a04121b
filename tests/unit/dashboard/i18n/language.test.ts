import { describe, expect, it } from 'vitest';
import { preferredLanguage } from '../../../../dashboard/src/i18n/i18n.ts';

describe('preferredLanguage', () => {
  it.each([
    [['zh-CN', 'en'], 'zh'],
    [['zh'], 'zh'],
    [['en-GB', 'zh-CN'], 'en'],
    [['de-DE', 'zh-TW'], 'zh'],
    [['de-DE'], 'en'],
    [[], 'en'],
  ])('%j reads as %s', (wanted, language) => {
    expect(preferredLanguage(wanted)).toBe(language);
  });
});
