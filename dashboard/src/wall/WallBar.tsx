import { CircleHelp, Gauge, Grid2x2, Maximize } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Wall } from '../../../contract/api/centre.ts';
import { Button } from '../ui/Button.tsx';
import { Check } from '../ui/Field.tsx';
import { type Layout, WALL_LAYOUTS } from './layouts.ts';
import type { WallTiles } from './use-wall-tiles.ts';
import { toggleFullscreen, type WallView } from './use-wall-view.ts';

interface Props {
  wall: Wall;
  walls: readonly Wall[];
  mayManage: boolean;
  tiles: WallTiles;
  view: WallView;
  onChoose: (wallId: string) => void;
  /** The reserved zone for incidents. */
  children: ReactNode;
}

/** The one line under the pictures. */
export function WallBar(props: Props) {
  const { t } = useTranslation();
  const { wall, walls, mayManage, tiles, view } = props;
  return (
    <div className="wall-bar">
      {walls.length > 1 ? (
        <select
          className="input wall-select"
          aria-label={t('wall.choose')}
          value={wall.wallId}
          onChange={(event) => props.onChoose(event.target.value)}
          data-testid="wall-select"
        >
          {walls.map((each) => (
            <option key={each.wallId} value={each.wallId}>
              {each.name}
            </option>
          ))}
        </select>
      ) : (
        <h1 className="visually-hidden">{wall.name}</h1>
      )}
      {mayManage && <LayoutChoice layout={wall.layout} onChange={tiles.setLayout} />}
      <div className="wall-zone">{props.children}</div>
      {view.editing && <Check label={t('wall.autoFill')} checked={wall.autoFill} onChange={tiles.setAutoFill} />}
      <Tools view={view} mayManage={mayManage} />
    </div>
  );
}

function Tools({ view, mayManage }: { view: WallView; mayManage: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="wall-tools">
      {mayManage && (
        <Button
          tone="quiet"
          icon={<Grid2x2 size={18} aria-hidden />}
          aria-pressed={view.editing}
          title={t('wall.editHint')}
          onClick={view.toggleEditing}
          data-testid="wall-edit"
        >
          <span className="wall-tool-text">{view.editing ? t('wall.editDone') : t('wall.edit')}</span>
        </Button>
      )}
      <Button
        tone="quiet"
        icon={<Gauge size={20} aria-hidden />}
        label={t('wall.showFacts')}
        aria-pressed={view.facts}
        onClick={view.toggleFacts}
        data-testid="wall-facts"
      />
      <Button
        tone="quiet"
        className="wall-fullscreen"
        icon={<Maximize size={19} aria-hidden />}
        label={t('wall.fullscreen')}
        onClick={toggleFullscreen}
      />
      <Button
        tone="quiet"
        className="wall-help"
        icon={<CircleHelp size={20} aria-hidden />}
        label={t('shell.keys')}
        onClick={() => view.setHelp(true)}
      />
    </div>
  );
}

function LayoutChoice({ layout, onChange }: { layout: Layout; onChange: (layout: Layout) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <fieldset className="segments wall-layouts" aria-label={t('wall.layout')} data-testid="layouts">
        {WALL_LAYOUTS.map((each) => (
          <button
            key={each}
            type="button"
            className="num"
            aria-pressed={each === layout}
            title={t('wall.layoutOf', { n: each })}
            aria-label={t('wall.layoutOf', { n: each })}
            onClick={() => onChange(each)}
            data-testid={`layout-${each}`}
          >
            {each}
          </button>
        ))}
      </fieldset>
      <select
        className="input wall-layouts-small"
        aria-label={t('wall.layout')}
        value={layout}
        onChange={(event) => onChange(WALL_LAYOUTS.find((each) => each === event.target.value) ?? layout)}
      >
        {WALL_LAYOUTS.map((each) => (
          <option key={each} value={each}>
            {t('wall.layoutOf', { n: each })}
          </option>
        ))}
      </select>
    </>
  );
}
