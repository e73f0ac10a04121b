import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dateAndTime, parseTime } from '../format/time.ts';
import { TextField } from '../ui/Field.tsx';

interface Props {
  label: string;
  atMs: number;
  onChange: (atMs: number) => void;
  error?: string | null;
  testId: string;
}

/** A moment to the second, typed or pasted. */
export function TimeField({ label, atMs, onChange, error, testId }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(dateAndTime(atMs));
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    if (!typing) setText(dateAndTime(atMs));
  }, [atMs, typing]);
  const parsed = parseTime(text, atMs);
  return (
    <TextField
      label={label}
      value={text}
      mono
      inputMode="numeric"
      testId={testId}
      error={parsed === null ? t('footage.timeBad') : error}
      onBlur={() => setTyping(false)}
      onChange={(next) => {
        setTyping(true);
        setText(next);
        const moment = parseTime(next, atMs);
        if (moment !== null) onChange(moment);
      }}
    />
  );
}
