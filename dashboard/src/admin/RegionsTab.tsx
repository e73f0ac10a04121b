import { MapPinned, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Region } from '../../../contract/api/devices.ts';
import { regionTree, useRegions } from '../data/devices.ts';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { RegionDialog, type RegionTask } from './RegionDialog.tsx';

export function RegionsTab() {
  const { t } = useTranslation();
  const regions = useRegions();
  const [task, setTask] = useState<RegionTask | null>(null);
  const addTop = (
    <Button
      tone="solid"
      icon={<Plus size={18} aria-hidden />}
      onClick={() => setTask({ kind: 'add', parent: null })}
      data-testid="region-add-top"
    >
      {t('admin.regions.addTop')}
    </Button>
  );
  return (
    <div className="stack">
      <QueryView query={regions}>
        {(all) =>
          all.length === 0 ? (
            <Empty
              icon={<MapPinned size={40} strokeWidth={1.5} aria-hidden />}
              title={t('admin.regions.emptyTitle')}
              actions={addTop}
            >
              {t('admin.regions.empty')}
            </Empty>
          ) : (
            <>
              <div className="row">
                <p className="muted grow">{t('admin.regions.lead')}</p>
                {addTop}
              </div>
              <ul className="panel lines" data-testid="region-tree">
                {regionTree(all).map(({ region, depth }) => (
                  <li key={region.regionId}>
                    <RegionRow region={region} depth={depth} onTask={setTask} />
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </QueryView>
      {task !== null && <RegionDialog task={task} onClose={() => setTask(null)} />}
    </div>
  );
}

function RegionRow({ region, depth, onTask }: { region: Region; depth: number; onTask: (task: RegionTask) => void }) {
  const { t } = useTranslation();
  return (
    <div
      className="line region-line"
      style={{ '--depth': depth } as React.CSSProperties}
      data-testid="region"
      data-region={region.regionId}
    >
      <div className="grow">
        <strong>{region.name}</strong>{' '}
        <span className="small faint">
          {t(`words.level.${region.level}`)}
          {region.code !== null && ` · ${region.code}`}
        </span>
      </div>
      <Button
        tone="quiet"
        icon={<Pencil size={17} aria-hidden />}
        label={t('admin.regions.rename')}
        onClick={() => onTask({ kind: 'rename', region })}
      />
      {region.level !== 'micro-grid' && (
        <Button
          tone="quiet"
          icon={<Plus size={18} aria-hidden />}
          label={t('admin.regions.add')}
          onClick={() => onTask({ kind: 'add', parent: region })}
          data-testid="region-add"
        />
      )}
    </div>
  );
}
