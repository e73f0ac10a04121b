import { Volume2, VolumeX } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AudioPlayer, type AudioState } from '../player/audio-player.ts';
import type { TilePlayer } from '../player/tile-player.ts';
import { Button } from '../ui/Button.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { useLive } from './live-context.tsx';
import { useSound } from './sound-store.ts';

interface Props {
  tile: string;
  player: TilePlayer | null;
  /** Whether the key A means this tile. */
  keys: boolean;
}

/** Switches a tile's sound on and off; one tile sounds at a time. */
export function ListenButton({ tile, player, keys }: Props) {
  const { t } = useTranslation();
  const on = useSound((sound) => sound.tile === tile);
  const { toggle, release } = useSound.getState();
  const root = useRef<HTMLSpanElement>(null);
  const state = useAudio(on ? player : null, root);
  useEffect(() => () => release(tile), [tile, release]);
  useHotkeys({ a: () => toggle(tile) }, keys);
  return (
    <span ref={root} className="tile-listen" data-testid="listen-state" data-state={on ? state : 'off'}>
      {on && state !== 'unsupported' && (
        <span className="tile-level">
          <i />
        </span>
      )}
      {on && state === 'waiting' && (
        <span className="tile-said" data-late role="status">
          {t('live.listen.waiting')}
        </span>
      )}
      {on && state === 'unsupported' && <span className="tile-said">{t('live.listen.unsupported')}</span>}
      <Button
        icon={on ? <Volume2 size={17} aria-hidden /> : <VolumeX size={17} aria-hidden />}
        label={on ? t('live.listen.off') : t('live.listen.on')}
        aria-pressed={on}
        data-testid="listen"
        onClick={() => toggle(tile)}
      />
    </span>
  );
}

/** Plays the sound of a tile while it has a player; its level is written past React onto the element. */
function useAudio(player: TilePlayer | null, root: React.RefObject<HTMLElement | null>): AudioState {
  const { ticker } = useLive();
  const talking = useSound((sound) => sound.talking);
  const [state, setState] = useState<AudioState>('waiting');
  const [audio, setAudio] = useState<AudioPlayer | null>(null);
  useEffect(() => {
    if (player === null) return undefined;
    const made = new AudioPlayer({ shownEdgeAtMs: () => player.shownEdgeAtMs(), onState: setState });
    player.listen((message) => made.take(message));
    const removeTick = ticker.add(() => {
      const level = made.level();
      if (root.current === null) return;
      root.current.dataset['level'] = level.toFixed(4);
      const bar = root.current.querySelector<HTMLElement>('.tile-level > i');
      if (bar !== null) bar.style.width = `${Math.min(100, Math.sqrt(level) * 130)}%`;
    });
    setAudio(made);
    return () => {
      removeTick();
      player.listen(null);
      made.stop();
      setAudio(null);
      setState('waiting');
    };
  }, [player, ticker, root]);
  useEffect(() => audio?.mute(talking), [audio, talking]);
  return state;
}
