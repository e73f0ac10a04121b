import { ImageOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ProbeResult } from '../../../../contract/device.ts';
import { useFormat } from '../../format/use-format.ts';
import { Button } from '../../ui/Button.tsx';
import { Note } from '../../ui/Note.tsx';
import { isClockOff } from '../clock.ts';
import { StreamLine } from '../StreamLine.tsx';

interface Props {
  result: ProbeResult;
  onAgain: () => void;
  onNext: () => void;
}

/** What the device is, with its picture, before anything is saved. */
export function CheckStep({ result, onAgain, onNext }: Props) {
  const { t } = useTranslation();
  if (!result.ok) {
    return (
      <div className="stack" data-testid="probe-failed" data-reason={result.reason}>
        <Note tone="warn">
          <strong>{t(`words.device.${result.reason}`)}</strong>
          {result.message !== '' && <p className="small">{result.message}</p>}
        </Note>
        <div className="step-foot">
          <Button tone="solid" onClick={onAgain} data-testid="wizard-again">
            {t('devices.wizard.again')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="stack" data-testid="probe-result">
      {result.snapshotBase64 === null ? (
        <div className="snapshot snapshot-none">
          <ImageOff size={28} aria-hidden />
          {t('devices.wizard.noPicture')}
        </div>
      ) : (
        <img
          className="snapshot"
          src={`data:image/jpeg;base64,${result.snapshotBase64}`}
          alt={t('devices.wizard.picture')}
          data-testid="probe-picture"
        />
      )}
      <Warnings result={result} />
      <Facts result={result} />
      <div className="step-foot">
        <Button onClick={onAgain}>{t('devices.wizard.again')}</Button>
        <Button tone="solid" onClick={onNext} data-testid="wizard-to-place">
          {t('devices.wizard.toPlace')}
        </Button>
      </div>
    </div>
  );
}

function Warnings({ result }: { result: ProbeResult }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const offset = result.clockOffsetMs;
  const sub = result.streams.find((stream) => stream.name === 'sub');
  const main = result.streams.find((stream) => stream.name === 'main');
  const small = sub ?? main;
  return (
    <>
      {offset !== null && isClockOff(offset) && (
        <Note tone="warn">{t('devices.wizard.clockWarn', { offset: duration(Math.abs(offset)) })}</Note>
      )}
      {result.type === 'camera' && main !== undefined && sub === undefined && <Note>{t('devices.wizard.noSub')}</Note>}
      {small?.codec != null && !/264|avc/i.test(small.codec) && <Note tone="warn">{t('devices.wizard.subH265')}</Note>}
    </>
  );
}

function Facts({ result }: { result: ProbeResult }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const { identity, clockOffsetMs } = result;
  const unknown = t('common.unknown');
  let clock = unknown;
  if (clockOffsetMs !== null) {
    clock = isClockOff(clockOffsetMs)
      ? t('devices.wizard.clockOff', { offset: duration(Math.abs(clockOffsetMs)) })
      : t('devices.wizard.clockGood');
  }
  return (
    <dl className="facts panel panel-body">
      <dt>{t('devices.wizard.maker')}</dt>
      <dd>{identity?.manufacturer ?? unknown}</dd>
      <dt>{t('devices.wizard.model')}</dt>
      <dd>{identity?.model ?? unknown}</dd>
      <dt>{t('devices.wizard.firmware')}</dt>
      <dd>{identity?.firmware ?? unknown}</dd>
      <dt>{t('devices.wizard.serial')}</dt>
      <dd className="mono">{identity?.serial ?? unknown}</dd>
      <dt>{t('devices.wizard.clock')}</dt>
      <dd>{clock}</dd>
      <dt>{t('devices.wizard.streams')}</dt>
      <dd>
        {result.streams.length === 0 && t('common.none')}
        {result.streams.map((stream) => (
          <StreamLine key={stream.name} stream={stream} />
        ))}
      </dd>
    </dl>
  );
}
