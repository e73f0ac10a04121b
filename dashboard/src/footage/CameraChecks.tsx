import { useTranslation } from 'react-i18next';
import type { Device } from '../../../contract/api/devices.ts';
import { useFormat } from '../format/use-format.ts';
import { Check } from '../ui/Field.tsx';

interface Props {
  cameras: readonly Device[];
  /** Cameras that are listed even when they are not chosen (those of the incident). */
  first: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  error: string | null;
}

/** The cameras of the order; further ones are added from the whole area. */
export function CameraChecks({ cameras, first, chosen, onChange, error }: Props) {
  const { t } = useTranslation();
  const { regionPath } = useFormat();
  const shownIds = [...first, ...chosen.filter((id) => !first.includes(id))];
  const shown = shownIds.flatMap((id) => cameras.filter((camera) => camera.deviceId === id));
  const others = cameras.filter((camera) => !shownIds.includes(camera.deviceId));
  return (
    <fieldset className="checks">
      <legend className="small muted">{t('footage.cameras')}</legend>
      {shown.map((camera) => (
        <Check
          key={camera.deviceId}
          label={`${camera.number} · ${camera.name}`}
          hint={regionPath(camera.regionPath)}
          checked={chosen.includes(camera.deviceId)}
          onChange={(on) =>
            onChange(on ? [...chosen, camera.deviceId] : chosen.filter((each) => each !== camera.deviceId))
          }
          testId={`export-camera-${camera.deviceId}`}
        />
      ))}
      {others.length > 0 && (
        <select
          className="input"
          value=""
          aria-label={t('footage.addCamera')}
          onChange={(event) => onChange([...chosen, event.target.value])}
          data-testid="export-add-camera"
        >
          <option value="">{t('footage.addCamera')}</option>
          {others.map((camera) => (
            <option key={camera.deviceId} value={camera.deviceId}>
              {camera.number} · {camera.name}
            </option>
          ))}
        </select>
      )}
      {error !== null && (
        <span className="field-error small" role="alert">
          {error}
        </span>
      )}
    </fieldset>
  );
}
