import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/use-format.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { fittingZoom, type Span, viewAround, ZOOMS, type Zoom } from './range.ts';
import { TimeField } from './TimeField.tsx';
import { type Lane, Timeline } from './Timeline.tsx';

interface Props {
  range: Span;
  onRange: (range: Span) => void;
  lanes: readonly Lane[];
  fault: 'orderBad' | 'tooLong' | 'inFuture' | null;
}

/** The range in numbers and on the timeline; both say the same. */
export function RangePanel({ range, onRange, lanes, fault }: Props) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const [zoom, setZoom] = useState<Zoom>(() => fittingZoom(range));
  const [view, setView] = useState(() => viewAround(range, ZOOMS[fittingZoom(range)]));
  function shift(by: number): void {
    const stepMs = Math.round((ZOOMS[zoom] * by) / 1000) * 1000;
    setView({ fromMs: view.fromMs + stepMs, toMs: view.toMs + stepMs });
  }
  /** A typed time outside of what is shown brings the view along. */
  function typed(next: Span): void {
    onRange(next);
    if (next.toMs > next.fromMs && (next.fromMs < view.fromMs || next.toMs > view.toMs)) {
      const wanted = fittingZoom(next);
      setZoom(wanted);
      setView(viewAround(next, ZOOMS[wanted]));
    }
  }
  return (
    <div className="stack" data-gap="s">
      <div className="columns">
        <TimeField
          label={t('footage.from')}
          atMs={range.fromMs}
          onChange={(fromMs) => typed({ ...range, fromMs })}
          testId="export-from"
        />
        <TimeField
          label={t('footage.to')}
          atMs={range.toMs}
          onChange={(toMs) => typed({ ...range, toMs })}
          error={fault === null ? null : t(`footage.${fault}`)}
          testId="export-to"
        />
      </div>
      <span className="small faint">{t('footage.timeHint')}</span>
      <div className="row">
        <strong className="grow">{t('footage.timeline')}</strong>
        <span className="small muted num">
          {fault === 'orderBad' ? '' : t('footage.length', { length: duration(range.toMs - range.fromMs) })}
        </span>
        <Segments
          label={t('footage.zoom')}
          value={zoom}
          onChange={(next) => {
            setZoom(next);
            setView(viewAround(range, ZOOMS[next]));
          }}
          options={(Object.keys(ZOOMS) as Zoom[]).map((value) => ({ value, label: t(`footage.zooms.${value}`) }))}
        />
        <Button icon={<ChevronLeft size={18} aria-hidden />} label={t('footage.earlier')} onClick={() => shift(-0.5)} />
        <Button icon={<ChevronRight size={18} aria-hidden />} label={t('footage.later')} onClick={() => shift(0.5)} />
      </div>
      <Timeline lanes={lanes} view={view} range={range} onRange={onRange} />
    </div>
  );
}
