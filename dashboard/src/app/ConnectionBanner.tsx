import { Unplug } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { hubSocket } from '../data/services.ts';
import { clockTime } from '../format/time.ts';

const PATIENCE_MS = 1500;

/** Says that the hub is away and since when. What was read stays on the screen. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const link = useSyncExternalStore(hubSocket.subscribe, hubSocket.link);
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (link.connected) return undefined;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [link]);
  if (link.connected || !late) return null;
  return (
    <div className="connection-banner" role="status" data-testid="connection-banner">
      <Unplug size={16} aria-hidden />
      {t('shell.linkLost', { time: clockTime(link.sinceMs) })}
    </div>
  );
}
