import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../../contract/api/devices.ts';
import { useFormat } from '../format/use-format.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { TextField } from '../ui/Field.tsx';

const MOST = 200;

interface Props {
  title: string;
  cameras: readonly Device[];
  onPick: (deviceId: string | null) => void;
  onClose: () => void;
}

/** Finds a camera by name, number or place. */
export function CameraPicker({ title, cameras, onPick, onClose }: Props) {
  const { t } = useTranslation();
  const { regionPath } = useFormat();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = cameras.filter((camera) =>
    `${camera.number} ${camera.name} ${camera.regionPath.join(' ')}`.toLowerCase().includes(wanted),
  );
  return (
    <Dialog title={title} onClose={onClose} testId="camera-picker">
      <TextField
        label={t('wall.pickSearch')}
        type="search"
        value={text}
        onChange={setText}
        autoFocus
        testId="picker-search"
      />
      <ul className="picker">
        {found.slice(0, MOST).map((camera) => (
          <li key={camera.deviceId}>
            <button
              type="button"
              onClick={() => onPick(camera.deviceId)}
              data-testid="picker-camera"
              data-device={camera.deviceId}
            >
              <span className="num faint">{camera.number}</span>
              <span className="grow">
                {camera.name}
                <span className="small faint"> {regionPath(camera.regionPath)}</span>
              </span>
              {!camera.online && <span className="tag">{t('wall.offline')}</span>}
            </button>
          </li>
        ))}
        {found.length === 0 && <li className="muted">{t('wall.pickNothing')}</li>}
      </ul>
      <Button onClick={() => onPick(null)}>{t('wall.pickNone')}</Button>
    </Dialog>
  );
}
