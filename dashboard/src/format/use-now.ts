import { useEffect, useState } from 'react';
import { hubClock } from '../data/services.ts';

/** Now by the hub's clock, anew every `everyMs`: for ages that tick. */
export function useNow(everyMs = 1000): number {
  const [nowMs, setNow] = useState(() => hubClock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNow(hubClock.nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
