import { useEffect, useState } from 'react';

const FORGET_AFTER_MS = 4000;

/** A camera's number being typed on the keyboard, as on a matrix switch. */
export function useTypedNumber(): { number: number | null; type: (digit: string) => void; clear: () => void } {
  const [text, setText] = useState('');
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(() => setText(''), FORGET_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return {
    number: text === '' ? null : Number(text),
    type: (digit) => setText((before) => (before + digit).slice(-5)),
    clear: () => setText(''),
  };
}
