import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bitrateText, codecText } from '../format/numbers.ts';
import type { TilePlayer } from '../player/tile-player.ts';
import { useLive } from './live-context.tsx';

/** Codec, size, rate and delay of what is on the tile right now. */
export function TileFactsPanel({ player, stream }: { player: TilePlayer; stream: 'main' | 'sub' }) {
  const { t } = useTranslation();
  const { ticker } = useLive();
  const [facts, setFacts] = useState(() => player.facts());
  useEffect(() => {
    let tick = 0;
    return ticker.add(() => {
      tick += 1;
      if (tick % 2 === 0) setFacts(player.facts());
    });
  }, [player, ticker]);
  const { codec, width, height } = facts;
  const rows: [string, string][] = [
    [t('wall.facts.codec'), codec === null ? '–' : `${codecText(codec)} (${codec})`],
    [t('wall.facts.size'), width === null || height === null || width === 0 ? '–' : `${width} × ${height}`],
    [t('wall.facts.fps'), facts.fps.toFixed(1)],
    [t('wall.facts.bitrate'), bitrateText(facts.bitrate)],
    [t('wall.facts.delay'), facts.delayMs === null ? '–' : `${Math.round(facts.delayMs)} ms`],
    [t('wall.facts.path'), `${t(`wall.facts.${stream}`)} · WebSocket · MSE`],
    [t('wall.facts.trouble'), t('wall.facts.troubleText', { lost: facts.lost, restarts: facts.restarts })],
  ];
  return (
    <dl className="tile-facts num" data-testid="tile-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
