import { useTranslation } from 'react-i18next';
import type { StreamInfo } from '../../../contract/device.ts';
import { bitrateText, codecText } from '../format/numbers.ts';

/** `main: H.264 · 1920 × 1080 · 25 fps · 4.1 Mbit/s`, and what is wrong with it. */
export function StreamLine({ stream }: { stream: StreamInfo }) {
  const { t } = useTranslation();
  const parts = [
    stream.codec === null ? null : codecText(stream.codec),
    stream.width === null || stream.height === null ? null : `${stream.width} × ${stream.height}`,
    stream.fps === null ? null : `${Math.round(stream.fps)} fps`,
    stream.bitrate === null ? null : bitrateText(stream.bitrate),
    stream.reason === 'ok' ? null : t(`words.device.${stream.reason}`),
  ].filter((part) => part !== null);
  return (
    <div className="num">
      {t(`devices.wizard.${stream.name}`)}: {parts.length === 0 ? t('common.unknown') : parts.join(' · ')}
    </div>
  );
}
