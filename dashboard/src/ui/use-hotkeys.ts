import { useEffect, useRef } from 'react';

/** Key names as `KeyboardEvent.key` has them, single letters in lower case. */
export type Hotkeys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Whether the page's keys rest for this event: somebody types, holds a modifier, or has a dialog before him. */
export function rests(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return true;
  return document.querySelector('[role=dialog][data-rac], [role=menu]') !== null;
}

/**
 * Keys for a whole page. They rest while somebody types, while a modifier is held, while a dialog is open, and, for
 * Enter and space, while a control has the focus that these keys belong to.
 */
export function useHotkeys(hotkeys: Hotkeys, enabled = true): void {
  const current = useRef(hotkeys);
  current.current = hotkeys;
  useEffect(() => {
    if (!enabled) return undefined;
    function onKey(event: KeyboardEvent): void {
      if (rests(event)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const onControl =
        event.target instanceof HTMLElement && event.target.closest('button, a, [role=slider]') !== null;
      if (onControl && (key === 'Enter' || key === ' ')) return;
      const action = current.current[key];
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [enabled]);
}
