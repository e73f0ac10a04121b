import { useEffect, useRef } from 'react';
import { rests } from './use-hotkeys.ts';

/** A key that means something while it is held; it rests where the page's other keys do. */
export function useHeldKey(key: string, handlers: { onDown: () => void; onUp: () => void }, enabled: boolean): void {
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => {
    if (!enabled) return undefined;
    let isHeld = false;
    function onDown(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== key || event.repeat || rests(event)) return;
      event.preventDefault();
      isHeld = true;
      current.current.onDown();
    }
    function release(): void {
      if (!isHeld) return;
      isHeld = false;
      current.current.onUp();
    }
    function onUp(event: KeyboardEvent): void {
      if (event.key.toLowerCase() === key) release();
    }
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
      release();
    };
  }, [enabled, key]);
}
