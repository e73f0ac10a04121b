import { X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { takePtzControl, usePtzHolder } from '../data/ptz.ts';
import { api, hubClock } from '../data/services.ts';
import { useMay, useSession } from '../data/session.ts';
import { timeOrDate } from '../format/time.ts';
import { useErrorText } from '../format/use-error-text.ts';
import { errorCode } from '../transport/api-error.ts';
import { Button } from '../ui/Button.tsx';
import { PtzPresets } from './PtzPresets.tsx';
import { atSpeed, type Direction, isMoveKey, PAD, speedOfKeys, ZOOM } from './ptz-directions.ts';
import { usePtzDrive } from './use-ptz-drive.ts';
import './ptz.css';

interface Props {
  deviceId: string;
  name: string;
  onClose: () => void;
}

/** The controls of a camera that can be turned: everything that moves it moves only while it is held. */
export function PtzControls({ deviceId, name, onClose }: Props) {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>(null);
  const [share, setShare] = useState(0.6);
  const drive = usePtzDrive(deviceId, setError);
  const panel = useRef<HTMLDivElement>(null);
  const held = useRef(new Set<string>());
  useEffect(() => {
    const tile = panel.current?.closest<HTMLElement>('.tile');
    panel.current?.focus();
    return () => {
      // The keyboard was in here: it goes on at the tile.
      if (document.activeElement === document.body) tile?.focus({ preventScroll: true });
    };
  }, []);

  function hold(direction: Pick<Direction, 'pan' | 'tilt' | 'zoom'> | null): void {
    if (direction === null) return drive.release();
    setError(null);
    drive.hold(atSpeed(direction, share));
  }
  function letGo(): void {
    held.current.clear();
    drive.release();
  }
  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.key === 'Escape') onClose();
    else if (event.target instanceof HTMLInputElement || !isMoveKey(event.key)) return;
    // What moves the camera must not move over the wall as well.
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || !isMoveKey(event.key)) return;
    held.current.add(event.key);
    hold(speedOfKeys(held.current));
  }
  function onKeyUp(event: KeyboardEvent<HTMLElement>): void {
    if (held.current.delete(event.key)) hold(speedOfKeys(held.current));
  }
  const button = (direction: Direction) => (
    <HoldButton key={direction.name} direction={direction} onHold={() => hold(direction)} onLetGo={letGo} />
  );
  return (
    <div
      ref={panel}
      className="ptz"
      role="toolbar"
      aria-label={t('live.ptz.title', { name })}
      title={t('live.ptz.hint')}
      data-testid="ptz"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: while it has the focus, the arrow keys turn the camera.
      tabIndex={0}
      onKeyDown={onKeyDown}
      onKeyUp={onKeyUp}
      onBlur={() => {
        if (held.current.size > 0) letGo();
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <Button
        tone="quiet"
        className="ptz-close"
        icon={<X size={16} aria-hidden />}
        label={t('live.ptz.close')}
        onClick={onClose}
      />
      <div className="ptz-pad">
        {PAD.map((direction) => (direction === null ? <span key="middle" /> : button(direction)))}
      </div>
      <div className="ptz-zoom">
        {ZOOM.map(button)}
        <label>
          {t('live.ptz.speed')}
          <input
            type="range"
            min={0.1}
            max={1}
            step={0.1}
            value={share}
            data-testid="ptz-speed"
            onChange={(event) => setShare(Number(event.target.value))}
          />
        </label>
      </div>
      <Refusal deviceId={deviceId} error={error} onTaken={() => setError(null)} onError={setError} />
      <PtzPresets deviceId={deviceId} onError={setError} />
    </div>
  );
}

function HoldButton(props: { direction: Direction; onHold: () => void; onLetGo: () => void }) {
  const { t } = useTranslation();
  const { direction } = props;
  const isHeld = useRef(false);
  function hold(): void {
    isHeld.current = true;
    props.onHold();
  }
  // Only what is held can be let go: a button also loses the focus because the next one is pressed.
  function letGo(): void {
    if (!isHeld.current) return;
    isHeld.current = false;
    props.onLetGo();
  }
  return (
    <button
      type="button"
      data-testid="ptz-hold"
      data-direction={direction.name}
      aria-label={t(`live.ptz.${direction.name}`)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        hold();
      }}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onBlur={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        if (!event.repeat) hold();
      }}
      onKeyUp={(event) => {
        if (event.key === 'Enter' || event.key === ' ') letGo();
      }}
    >
      {direction.sign}
    </button>
  );
}

/** Why it did not move: who holds the camera, or what failed. */
function Refusal(props: { deviceId: string; error: unknown; onTaken: () => void; onError: (error: unknown) => void }) {
  const { deviceId, error, onTaken, onError } = props;
  const { t } = useTranslation();
  const errorText = useErrorText();
  const holder = usePtzHolder(deviceId);
  const { account } = useSession();
  const mayTakeOver = useMay('ptz.override');
  const busy = error !== null && errorCode(error) === 'PTZ_BUSY';
  const byOther = holder !== null && holder.account !== account;
  if (error === null && !byOther) return null;
  const time = holder === null ? '' : timeOrDate(holder.sinceMs, hubClock.nowMs());
  const text =
    holder !== null && (busy || byOther)
      ? t('live.ptz.busySince', { name: holder.displayName, time })
      : error === null
        ? ''
        : errorText(error);
  return (
    <div
      className="ptz-refusal"
      role="alert"
      data-testid="ptz-refusal"
      data-code={error === null ? undefined : errorCode(error)}
    >
      <span>{text}</span>
      {mayTakeOver && (busy || byOther) && (
        <Button
          data-testid="ptz-take-over"
          onClick={() => {
            api.call('takeOverPtz', { params: { deviceId } }).then((control) => {
              takePtzControl(control);
              onTaken();
            }, onError);
          }}
        >
          {t('live.ptz.takeOver')}
        </Button>
      )}
    </div>
  );
}
