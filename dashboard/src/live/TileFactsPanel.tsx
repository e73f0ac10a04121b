import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bitrateText, codecText } from '../format/numbers.ts';
import type { TilePlayer } from '../player/tile-player.ts';
import type { TileSnapshot } from '../player/tile-snapshot.ts';
import { Segments } from '../ui/Segments.tsx';
import { useLive } from './live-context.tsx';
import { streamSentence } from './stream-sentence.ts';

interface Props {
  player: TilePlayer;
  snapshot: TileSnapshot;
  stream: 'auto' | 'main' | 'sub';
  onStream: (stream: 'auto' | 'main' | 'sub') => void;
}

/** Codec, size, rate, delay and way of what is on the tile right now; here the stream can be chosen by hand. */
export function TileFactsPanel({ player, snapshot: { sent, path }, stream, onStream }: Props) {
  const { t } = useTranslation();
  const facts = useFacts(player);
  const { codec, width, height } = facts;
  const rows: [string, string][] = [
    [t('wall.facts.codec'), codec === null ? '–' : `${codecText(codec)} (${codec})`],
    [t('wall.facts.size'), width === null || height === null || width === 0 ? '–' : `${width} × ${height}`],
    [t('wall.facts.fps'), facts.fps.toFixed(1)],
    [t('wall.facts.bitrate'), bitrateText(facts.bitrate)],
    [t('wall.facts.delay'), facts.delayMs === null ? '–' : `${Math.round(facts.delayMs)} ms`],
    [t('wall.facts.path'), path === null ? '–' : t(`wall.paths.${path}`)],
    [t('wall.facts.picture'), sent === null ? '–' : streamSentence(t, sent)],
    [t('wall.facts.trouble'), t('wall.facts.troubleText', { lost: facts.lost, restarts: facts.restarts })],
  ];
  const options = (['auto', 'main', 'sub'] as const).map((value) => ({ value, label: t(`wall.facts.${value}`) }));
  return (
    <div className="tile-facts" data-testid="tile-facts">
      <dl className="num">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Segments
        label={t('wall.facts.picture')}
        value={stream}
        options={options}
        onChange={onStream}
        testId="tile-stream"
      />
    </div>
  );
}

/** Twice a second. */
function useFacts(player: TilePlayer) {
  const { ticker } = useLive();
  const [facts, setFacts] = useState(() => player.facts());
  useEffect(() => {
    let tick = 0;
    return ticker.add(() => {
      tick += 1;
      if (tick % 2 === 0) setFacts(player.facts());
    });
  }, [player, ticker]);
  return facts;
}
