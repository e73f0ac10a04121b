import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { REGION_LEVELS, type Region } from '../../../contract/api/devices.ts';
import { takeInto } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { api } from '../data/services.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { DialogFoot } from '../ui/DialogFoot.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';

export type RegionTask = { kind: 'add'; parent: Region | null } | { kind: 'rename'; region: Region };

/** Levels that may stand below a region. */
function levelsBelow(parent: Region | null): readonly Region['level'][] {
  return parent === null ? REGION_LEVELS : REGION_LEVELS.slice(REGION_LEVELS.indexOf(parent.level) + 1);
}

export function RegionDialog({ task, onClose }: { task: RegionTask; onClose: () => void }) {
  const { t } = useTranslation();
  const renaming = task.kind === 'rename' ? task.region : null;
  const parent = task.kind === 'add' ? task.parent : null;
  const levels = levelsBelow(parent);
  const [name, setName] = useState(renaming?.name ?? '');
  const [level, setLevel] = useState<Region['level']>(levels[0] ?? 'micro-grid');
  const [code, setCode] = useState('');
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      if (renaming !== null) {
        return api.call('changeRegion', { params: { regionId: renaming.regionId }, body: { name: name.trim() } });
      }
      return api.call('createRegion', {
        body: {
          parentId: parent?.regionId ?? null,
          level,
          name: name.trim(),
          code: code.trim() === '' ? null : code.trim(),
        },
      });
    },
    onSuccess: (region) => {
      takeInto<Region>(keys.regions, region, (other) => other.regionId === region.regionId);
      onClose();
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (name.trim() !== '') save.mutate();
  }
  return (
    <Dialog
      title={renaming === null ? t('admin.regions.addTitle') : t('admin.regions.rename')}
      onClose={onClose}
      testId="region-dialog"
    >
      <form className="stack" onSubmit={submit}>
        {parent !== null && <p className="muted">{t('admin.regions.below', { name: parent.name })}</p>}
        <TextField
          label={t('common.name')}
          value={name}
          onChange={setName}
          error={checked && name.trim() === '' ? t('admin.regions.nameBad') : null}
          maxLength={100}
          autoFocus
          testId="region-name"
        />
        {renaming === null && (
          <div className="columns">
            <SelectField
              label={t('admin.regions.level')}
              value={level}
              onChange={(next) => setLevel(levels.find((each) => each === next) ?? level)}
              options={levels.map((each) => ({ value: each, label: t(`words.level.${each}`) }))}
              testId="region-level"
            />
            <TextField
              label={`${t('admin.regions.code')} (${t('common.optional')})`}
              value={code}
              onChange={setCode}
              hint={t('admin.regions.codeHint')}
              inputMode="numeric"
              maxLength={12}
            />
          </div>
        )}
        <DialogFoot step={save} submit={t('common.save')} onClose={onClose} testId="region-submit" />
      </form>
    </Dialog>
  );
}
