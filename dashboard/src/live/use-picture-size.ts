import { type RefObject, useEffect, useState } from 'react';
import { type PictureSize, reportedSize } from '../player/size-class.ts';

/** A layout moves for a moment when it changes; only where it comes to rest counts. */
const SETTLED_MS = 200;

/** Size of a tile in device pixels; null until it is known. Changes only with the size class. */
export function usePictureSize(element: RefObject<HTMLElement | null>): PictureSize | null {
  const [size, setSize] = useState<PictureSize | null>(null);
  useEffect(() => {
    const measured = element.current;
    if (measured === null) return undefined;
    const take = (): void => {
      const { width, height } = measured.getBoundingClientRect();
      const scale = window.devicePixelRatio;
      setSize((before) =>
        reportedSize(before, { width: Math.round(width * scale), height: Math.round(height * scale) }),
      );
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(take, SETTLED_MS);
    });
    take();
    observer.observe(measured);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [element]);
  return size;
}
