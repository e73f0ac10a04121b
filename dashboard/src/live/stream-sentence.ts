import type { TFunction } from 'i18next';
import type { SentStream } from '../../../contract/media-frame.ts';

/** Which of the camera's pictures is shown, and why: the sentence of the badge and of the facts. */
export function streamSentence(t: TFunction, { stream, why, keyFramesOnly }: SentStream): string {
  const picture = t(`wall.facts.${stream}`);
  const reason = t(`words.choice.${why}`);
  return keyFramesOnly ? `${picture}: ${reason} ${t('wall.keyFramesOnly')}` : `${picture}: ${reason}`;
}
