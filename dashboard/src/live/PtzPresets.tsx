import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refreshPtzPresets, usePtzPresets } from '../data/ptz.ts';
import { api } from '../data/services.ts';
import { useMay } from '../data/session.ts';
import { useErrorText } from '../format/use-error-text.ts';
import { Button } from '../ui/Button.tsx';

/** Positions that the camera remembers: everybody at the controls may go there, some may change them. */
export function PtzPresets({ deviceId, onError }: { deviceId: string; onError: (error: unknown) => void }) {
  const { t } = useTranslation();
  const mayChange = useMay('ptz.preset');
  const presets = usePtzPresets(deviceId);
  const errorText = useErrorText();
  const [name, setName] = useState('');
  const params = { deviceId };

  async function change(order: Promise<unknown>): Promise<void> {
    try {
      await order;
      setName('');
    } catch (error) {
      onError(error);
    }
    await refreshPtzPresets(deviceId);
  }
  function remember(event: FormEvent): void {
    event.preventDefault();
    if (name.trim() === '') return;
    void change(api.call('rememberPtzPreset', { params, body: { name: name.trim() } }));
  }
  return (
    <div className="ptz-presets" data-testid="ptz-presets">
      <strong>{t('live.ptz.presets')}</strong>
      {presets.data?.length === 0 && <span className="ptz-faint">{t('live.ptz.noPresets')}</span>}
      {presets.isPending && <span className="ptz-faint">{t('common.loading')}</span>}
      {presets.error !== null && <span className="ptz-faint">{errorText(presets.error)}</span>}
      <ul>
        {presets.data?.map((preset) => (
          <li key={preset.token}>
            <button
              type="button"
              data-testid="ptz-preset"
              data-token={preset.token}
              title={t('live.ptz.goto', { name: preset.name })}
              onClick={() => {
                api.call('gotoPtzPreset', { params, body: { token: preset.token } }).catch(onError);
              }}
            >
              {preset.name}
            </button>
            {mayChange && (
              <Button
                tone="quiet"
                icon={<Trash2 size={15} aria-hidden />}
                label={t('live.ptz.forget', { name: preset.name })}
                data-testid="ptz-forget"
                onClick={() => void change(api.call('forgetPtzPreset', { params, body: { token: preset.token } }))}
              />
            )}
          </li>
        ))}
      </ul>
      {mayChange && (
        <form onSubmit={remember}>
          <input
            value={name}
            maxLength={64}
            placeholder={t('live.ptz.name')}
            aria-label={t('live.ptz.name')}
            data-testid="ptz-preset-name"
            onChange={(event) => setName(event.target.value)}
          />
          <Button type="submit" disabled={name.trim() === ''} data-testid="ptz-remember">
            {t('live.ptz.remember')}
          </Button>
        </form>
      )}
    </div>
  );
}
