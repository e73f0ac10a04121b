import { Gauge, Images, Replace, Shrink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ChoiceReason, SentStream } from '../../../contract/media-frame.ts';
import { streamSentence } from './stream-sentence.ts';

const ICONS: Readonly<Partial<Record<ChoiceReason, typeof Shrink>>> = {
  line: Gauge,
  codec: Shrink,
  transcoded: Replace,
};

/** Whether somebody should see on the picture itself that it is not the best one the camera has. */
export function hasBadge({ why, keyFramesOnly }: SentStream): boolean {
  return keyFramesOnly || ICONS[why] !== undefined;
}

/** A small sign on the picture when line, codec or a conversion decided which one is shown; the sentence is its tooltip. */
export function StreamBadge({ sent }: { sent: SentStream }) {
  const { t } = useTranslation();
  if (!hasBadge(sent)) return null;
  const Icon = sent.keyFramesOnly ? Images : (ICONS[sent.why] ?? Shrink);
  const sentence = streamSentence(t, sent);
  return (
    <span className="tile-badge" role="img" title={sentence} aria-label={sentence} data-testid="tile-badge">
      <Icon size={14} aria-hidden />
    </span>
  );
}
