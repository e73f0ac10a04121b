import type { TFunction } from 'i18next';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bitrateText, codecText } from '../format/numbers.ts';
import { type DirectFacts, NO_DIRECT_FACTS } from '../player/direct-facts.ts';
import type { DirectLink } from '../player/direct-link.ts';
import type { TileFacts } from '../player/tile-facts.ts';
import type { TilePlayer } from '../player/tile-player.ts';
import type { TileSnapshot } from '../player/tile-snapshot.ts';
import { Segments } from '../ui/Segments.tsx';
import { useLive } from './live-context.tsx';
import { streamSentence } from './stream-sentence.ts';

interface Props {
  player: TilePlayer;
  /** What plays straight from the edge; null while the picture comes through the hub. */
  link: DirectLink | null;
  snapshot: TileSnapshot;
  stream: 'auto' | 'main' | 'sub';
  onStream: (stream: 'auto' | 'main' | 'sub') => void;
}

/** Codec, size, rate, delay and way of what is on the tile right now; here the stream can be chosen by hand. */
export function TileFactsPanel({ player, link, snapshot, stream, onStream }: Props) {
  const { t } = useTranslation();
  const options = (['auto', 'main', 'sub'] as const).map((value) => ({ value, label: t(`wall.facts.${value}`) }));
  return (
    <div className="tile-facts" data-testid="tile-facts">
      {link === null ? <HubRows player={player} snapshot={snapshot} /> : <DirectRows link={link} snapshot={snapshot} />}
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

function HubRows({ player, snapshot }: { player: TilePlayer; snapshot: TileSnapshot }) {
  const { t } = useTranslation();
  const facts = useHubFacts(player);
  const { codec, delayMs, lost, restarts } = facts;
  return (
    <Rows
      snapshot={snapshot}
      facts={facts}
      codec={codec === null ? null : `${codecText(codec)} (${codec})`}
      delay={delayMs === null ? null : `${Math.round(delayMs)} ms`}
      trouble={t('wall.facts.troubleText', { lost, restarts })}
    />
  );
}

function DirectRows({ link, snapshot }: { link: DirectLink; snapshot: TileSnapshot }) {
  const { t } = useTranslation();
  const facts = useDirectFacts(link);
  const { codec, bufferMs, lost } = facts;
  return (
    <Rows
      snapshot={snapshot}
      facts={facts}
      codec={codec === null ? null : codecText(codec)}
      delay={bufferMs === null ? null : t('wall.facts.bufferText', { ms: Math.round(bufferMs) })}
      trouble={lost === null ? null : t('wall.facts.packetsText', { lost })}
    />
  );
}

interface RowsProps {
  snapshot: TileSnapshot;
  facts: Pick<TileFacts | DirectFacts, 'width' | 'height' | 'fps' | 'bitrate'>;
  codec: string | null;
  delay: string | null;
  trouble: string | null;
}

function Rows({ snapshot: { sent, path }, facts: { width, height, fps, bitrate }, codec, delay, trouble }: RowsProps) {
  const { t } = useTranslation();
  const rows: [string, string | null][] = [
    [t('wall.facts.codec'), codec],
    [t('wall.facts.size'), sizeText(width, height)],
    [t('wall.facts.fps'), fps === null ? null : fps.toFixed(1)],
    [t('wall.facts.bitrate'), bitrate === null ? null : bitrateText(bitrate)],
    [t('wall.facts.delay'), delay],
    [t('wall.facts.path'), pathText(t, path)],
    [t('wall.facts.picture'), sent === null ? null : streamSentence(t, sent)],
    [t('wall.facts.trouble'), trouble],
  ];
  return (
    <dl className="num">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function sizeText(width: number | null, height: number | null): string | null {
  return width === null || height === null || width === 0 ? null : `${width} × ${height}`;
}

function pathText(t: TFunction, path: TileSnapshot['path']): string | null {
  return path === null ? null : t(`wall.paths.${path}`);
}

/** Twice a second. */
function useHubFacts(player: TilePlayer): TileFacts {
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

/** Twice a second; one reading at a time. */
function useDirectFacts(link: DirectLink): DirectFacts {
  const { ticker } = useLive();
  const [facts, setFacts] = useState(NO_DIRECT_FACTS);
  useEffect(() => {
    let tick = 0;
    let wanted = true;
    let reading = false;
    const take = (read: DirectFacts): void => {
      reading = false;
      if (wanted) setFacts(read);
    };
    const removeTick = ticker.add(() => {
      tick += 1;
      if (tick % 2 !== 0 || reading) return;
      reading = true;
      // A browser that gives no statistics: nothing is known.
      link.facts().then(take, () => take(NO_DIRECT_FACTS));
    });
    return () => {
      wanted = false;
      removeTick();
    };
  }, [link, ticker]);
  return facts;
}
