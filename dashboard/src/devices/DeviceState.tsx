import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../../contract/api/devices.ts';
import { hubClock } from '../data/services.ts';
import { timeOrDate } from '../format/time.ts';
import type { words } from '../i18n/en/words.ts';

/** The sentence for a device's state; a reason that only a newer hub knows reads as "unknown". */
export function useReasonText(): (reason: string) => string {
  const { t, i18n } = useTranslation();
  return (reason) =>
    i18n.exists(`words.device.${reason}`)
      ? t(`words.device.${reason as keyof typeof words.device}`)
      : t('common.unknown');
}

/** True state, why, and since when. Grey while it works. */
export function DeviceState({ device }: { device: Device }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const trouble = !device.online;
  const waiting = device.reason === 'never-seen' || device.reason === 'connecting';
  return (
    <span className="device-state small" data-trouble={(trouble && !waiting) || undefined}>
      <span>
        {trouble && !waiting && <TriangleAlert size={14} aria-hidden />} {reasonText(device.reason)}
      </span>
      {trouble && (
        <span className="faint num">{t('common.since', { time: timeOrDate(device.sinceMs, hubClock.nowMs()) })}</span>
      )}
    </span>
  );
}
