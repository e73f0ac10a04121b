import { Lock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Edge, HubCandidate } from '../../../../contract/api/devices.ts';
import { Button } from '../../ui/Button.tsx';
import { TextField } from '../../ui/Field.tsx';
import { ErrorNote, Note } from '../../ui/Note.tsx';
import { canSeal } from '../sealing.ts';

interface Props {
  candidate: HubCandidate;
  edge: Edge;
  busy: boolean;
  error: Error | null;
  onProbe: (given: { username: string; password: string }) => void;
}

export function SignInStep({ candidate, edge, busy, error, onProbe }: Props) {
  const { t } = useTranslation();
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');
  function submit(event: FormEvent): void {
    event.preventDefault();
    onProbe({ username: password === '' ? '' : username.trim(), password });
  }
  return (
    <form className="stack" onSubmit={submit}>
      <p className="mono small muted card-address">{candidate.address}</p>
      <TextField
        label={t('devices.wizard.username')}
        value={username}
        onChange={setUsername}
        maxLength={128}
        testId="wizard-username"
      />
      <TextField
        label={t('devices.wizard.password')}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        hint={t('devices.wizard.noPassword')}
        testId="wizard-password"
      />
      {canSeal() ? (
        <p className="small faint seal-line">
          <Lock size={14} aria-hidden /> {t('devices.wizard.sealed', { edge: edge.name })}
        </p>
      ) : (
        <Note tone="warn">{t('devices.sensor.insecure')}</Note>
      )}
      <p className="small faint">{t('devices.wizard.attempts')}</p>
      <ErrorNote error={error} />
      {busy && <Note>{t('devices.wizard.connecting')}</Note>}
      <div className="step-foot">
        <Button
          type="submit"
          tone="solid"
          busy={busy}
          disabled={password !== '' && !canSeal()}
          data-testid="wizard-probe"
        >
          {t('devices.wizard.connect')}
        </Button>
      </div>
    </form>
  );
}
