import { Maximize2, Minimize2, Move } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../data/devices.ts';
import { usePtzHolder } from '../data/ptz.ts';
import { useMay, useSession } from '../data/session.ts';
import type { TilePlayer } from '../player/tile-player.ts';
import { Button } from '../ui/Button.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { ListenButton } from './ListenButton.tsx';
import { PtzControls } from './PtzControls.tsx';
import { TalkButton } from './TalkButton.tsx';

interface Props {
  tile: string;
  deviceId: string;
  name: string;
  player: TilePlayer | null;
  /** Whether the keys P, A and T mean this tile. */
  keys: boolean;
  enlarged: boolean;
  /** Makes it large, or small again; nothing where it cannot be. */
  onEnlarge: (() => void) | undefined;
}

/** What a person can do with a camera beyond looking: turn it, listen, talk, make it large. */
export function TileControls({ tile, deviceId, name, player, keys, enlarged, onEnlarge }: Props) {
  const { t } = useTranslation();
  const device = useDevices().data?.find((each) => each.deviceId === deviceId);
  const abilities = device?.edge?.abilities;
  const mayTurn = useMay('ptz') && abilities?.ptz === true;
  const mayTalk = useMay('talk') && abilities?.talk === true;
  const [turning, setTurning] = useState(false);
  const toggle = (): void => setTurning(mayTurn && !turning);
  useHotkeys({ p: toggle }, keys && mayTurn);
  return (
    <>
      {abilities?.ptz === true && <Held deviceId={deviceId} />}
      {mayTurn && turning && <PtzControls deviceId={deviceId} name={name} onClose={() => setTurning(false)} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps a double click on its buttons from the tile. */}
      <div className="tile-controls" onDoubleClick={(event) => event.stopPropagation()}>
        {abilities?.listen === true && <ListenButton tile={tile} player={player} keys={keys} />}
        {mayTalk && <TalkButton deviceId={deviceId} keys={keys} />}
        {mayTurn && (
          <Button
            icon={<Move size={17} aria-hidden />}
            label={turning ? t('live.ptz.close') : t('live.ptz.open')}
            aria-pressed={turning}
            data-testid="ptz-toggle"
            onClick={toggle}
          />
        )}
        {onEnlarge !== undefined && (
          <Button
            icon={enlarged ? <Minimize2 size={17} aria-hidden /> : <Maximize2 size={17} aria-hidden />}
            label={enlarged ? t('live.shrink') : t('live.enlarge')}
            data-testid="tile-enlarge"
            onClick={onEnlarge}
          />
        )}
      </div>
    </>
  );
}

/** Who turns this camera now, for everybody who looks at it. */
function Held({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation();
  const holder = usePtzHolder(deviceId);
  const { account } = useSession();
  if (holder === null) return null;
  return (
    <div className="tile-held" role="status" data-testid="ptz-holder" data-account={holder.account}>
      {holder.account === account ? t('live.ptz.heldByYou') : t('live.ptz.heldBy', { name: holder.displayName })}
    </div>
  );
}
