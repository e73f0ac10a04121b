import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeline } from '../data/footage.ts';
import { clockTime, dateAndTime } from '../format/time.ts';
import { useErrorText } from '../format/use-error-text.ts';
import { useMedia } from '../ui/use-media.ts';
import { clipped, merged, percentOf, type Span, ticks } from './range.ts';

export interface Lane {
  deviceId: string;
  name: string;
}

interface Props {
  lanes: readonly Lane[];
  view: Span;
  range: Span;
  onRange: (range: Span) => void;
}

/** Lanes of what is recorded, with the marked range and its two handles over all of them. */
export function Timeline({ lanes, view, range, onRange }: Props) {
  const { t } = useTranslation();
  const narrow = useMedia('(max-width: 600px)');
  const area = useRef<HTMLDivElement>(null);

  function momentAt(event: PointerEvent): number {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return view.fromMs;
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return Math.round((view.fromMs + share * (view.toMs - view.fromMs)) / 1000) * 1000;
  }
  function set(edge: 'fromMs' | 'toMs', atMs: number): void {
    const next = { ...range, [edge]: atMs };
    if (next.toMs - next.fromMs >= 1000) onRange(next);
  }
  /** A press on the lanes moves the nearer handle there and drags it. */
  function press(event: PointerEvent): void {
    const atMs = momentAt(event);
    const edge = Math.abs(atMs - range.fromMs) <= Math.abs(atMs - range.toMs) ? 'fromMs' : 'toMs';
    event.currentTarget.setPointerCapture(event.pointerId);
    area.current?.setAttribute('data-edge', edge);
    set(edge, atMs);
  }
  function drag(event: PointerEvent): void {
    const edge = area.current?.getAttribute('data-edge');
    if (edge === 'fromMs' || edge === 'toMs') set(edge, momentAt(event));
  }
  function release(): void {
    area.current?.removeAttribute('data-edge');
  }
  const left = Math.max(0, percentOf(range.fromMs, view));
  const right = Math.min(100, percentOf(range.toMs, view));
  return (
    <div className="lanes" data-testid="footage-timeline">
      <div className="lanes-names">
        {lanes.map((lane) => (
          <span key={lane.deviceId} title={lane.name}>
            {lane.name}
          </span>
        ))}
      </div>
      <div className="lanes-scale num" aria-hidden>
        {ticks(view, narrow ? 3 : 7).map((at) => (
          <span key={at} style={{ left: `${percentOf(at, view)}%` }}>
            {clockTime(at)}
          </span>
        ))}
      </div>
      <div
        ref={area}
        className="lanes-area"
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={release}
      >
        {lanes.map((lane) => (
          <LaneBar key={lane.deviceId} lane={lane} view={view} />
        ))}
        {right > left && <div className="lanes-range" style={{ left: `${left}%`, width: `${right - left}%` }} />}
        <Handle label={t('footage.handleFrom')} atMs={range.fromMs} view={view} onMove={(at) => set('fromMs', at)} />
        <Handle label={t('footage.handleTo')} atMs={range.toMs} view={view} onMove={(at) => set('toMs', at)} />
      </div>
    </div>
  );
}

function LaneBar({ lane, view }: { lane: Lane; view: Span }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const query = useTimeline(lane.deviceId, view.fromMs, view.toMs);
  if (query.data === undefined) {
    return (
      <div className="lane" data-name={lane.name} data-state={query.error === null ? 'loading' : 'error'}>
        {query.error !== null && (
          <span className="lane-error">{t('footage.laneError', { reason: errorText(query.error) })}</span>
        )}
      </div>
    );
  }
  const pixelMs = (view.toMs - view.fromMs) / 1500;
  return (
    <div className="lane" data-name={lane.name}>
      {merged(clipped(query.data.ranges, view), Math.min(pixelMs, 1000)).map((part) => (
        <div key={part.fromMs} className="lane-recorded" style={boxStyle(part, view)} />
      ))}
      {clipped(query.data.gaps, view).map((gap) => (
        <div
          key={gap.fromMs}
          className="lane-gap"
          style={boxStyle(gap, view)}
          title={t('footage.gapTip', {
            from: clockTime(gap.fromMs),
            to: clockTime(gap.toMs),
            cause: t(`words.gap.${gap.cause}`),
          })}
        />
      ))}
    </div>
  );
}

function boxStyle(part: Span, view: Span): { left: string; width: string } {
  const left = percentOf(part.fromMs, view);
  return { left: `${left}%`, width: `${percentOf(part.toMs, view) - left}%` };
}

const KEY_STEP_MS: Readonly<Record<string, number>> = {
  ArrowLeft: -1000,
  ArrowRight: 1000,
  PageDown: -60_000,
  PageUp: 60_000,
};

function Handle({
  label,
  atMs,
  view,
  onMove,
}: {
  label: string;
  atMs: number;
  view: Span;
  onMove: (atMs: number) => void;
}) {
  const at = percentOf(atMs, view);
  if (at < -0.5 || at > 100.5) return null;
  return (
    <div
      role="slider"
      tabIndex={0}
      className="lanes-handle"
      style={{ left: `${at}%` }}
      aria-label={label}
      aria-valuemin={view.fromMs}
      aria-valuemax={view.toMs}
      aria-valuenow={atMs}
      aria-valuetext={dateAndTime(atMs)}
      onKeyDown={(event: KeyboardEvent) => {
        const step = KEY_STEP_MS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        onMove(atMs + step * (event.shiftKey ? 10 : 1));
      }}
    />
  );
}
