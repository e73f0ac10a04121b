import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A text with a copy button; where the browser forbids the clipboard, the text is selected instead. */
export function CopyText({ text, label, testId }: { text: string; label: string; testId?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const code = useRef<HTMLElement>(null);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
    }
  }
  return (
    <div className="field">
      <span className="field-label">{label}</span>
      <div className="copy">
        <code ref={code} data-testid={testId}>
          {text}
        </code>
        <button type="button" onClick={() => void copy()} aria-label={copied ? t('common.copied') : t('common.copy')}>
          {copied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
        </button>
      </div>
    </div>
  );
}
