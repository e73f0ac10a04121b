import { Mic } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openMicrophone } from '../player/microphone.ts';
import { type TalkPhase, TalkSession } from '../player/talk-session.ts';
import { Button } from '../ui/Button.tsx';
import { useHeldKey } from '../ui/use-held-key.ts';
import { useLive } from './live-context.tsx';
import { useSound } from './sound-store.ts';

const SAID_FOR_MS = 8000;

interface Props {
  deviceId: string;
  /** Whether the key T means this device. */
  keys: boolean;
}

/** Speaks through a device while it is held. */
export function TalkButton({ deviceId, keys }: Props) {
  const { t } = useTranslation();
  const { phase, hold, letGo } = useTalk(deviceId);
  useHeldKey('t', { onDown: hold, onUp: letGo }, keys);
  const busy = phase.phase !== 'idle' && phase.phase !== 'refused';
  const said =
    phase.phase === 'refused'
      ? t(`live.talk.refused.${phase.reason}`)
      : phase.phase === 'idle'
        ? null
        : t(`live.talk.${phase.phase}`);
  return (
    <>
      {said !== null && (
        <span className="tile-said" role="status" data-testid="talk-said">
          {said}
        </span>
      )}
      <Button
        icon={<Mic size={17} aria-hidden />}
        label={t('live.talk.hold')}
        aria-pressed={busy}
        data-testid="talk"
        data-phase={phase.phase}
        data-reason={phase.phase === 'refused' ? phase.reason : undefined}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          hold();
        }}
        onPointerUp={letGo}
        onPointerCancel={letGo}
        onLostPointerCapture={letGo}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) hold();
        }}
        onKeyUp={(event) => {
          if (event.key === 'Enter' || event.key === ' ') letGo();
        }}
        onBlur={letGo}
      />
    </>
  );
}

/** One hold after the other; whatever takes the person away from the page ends it. */
function useTalk(deviceId: string): { phase: TalkPhase; hold: () => void; letGo: () => void } {
  const { socket } = useLive();
  const [phase, setPhase] = useState<TalkPhase>({ phase: 'idle' });
  const session = useRef<TalkSession | null>(null);
  const letGo = useCallback((): void => {
    session.current?.stop();
    session.current = null;
  }, []);
  const hold = useCallback((): void => {
    if (session.current !== null) return;
    const { setTalking } = useSound.getState();
    const made = new TalkSession({
      deviceId,
      socket,
      openMicrophone,
      onPhase: (next) => {
        if (session.current !== null && session.current !== made) return;
        setPhase(next);
        setTalking(next.phase === 'open' || next.phase === 'opening');
      },
    });
    session.current = made;
    void made.start();
  }, [deviceId, socket]);
  useEffect(() => {
    const hidden = (): void => {
      if (document.visibilityState === 'hidden') letGo();
    };
    window.addEventListener('blur', letGo);
    window.addEventListener('pagehide', letGo);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      window.removeEventListener('blur', letGo);
      window.removeEventListener('pagehide', letGo);
      document.removeEventListener('visibilitychange', hidden);
      letGo();
    };
  }, [letGo]);
  useEffect(() => {
    if (phase.phase !== 'refused') return undefined;
    const timer = setTimeout(() => setPhase({ phase: 'idle' }), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [phase]);
  return { phase, hold, letGo };
}
