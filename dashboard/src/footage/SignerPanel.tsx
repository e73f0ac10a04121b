import { useTranslation } from 'react-i18next';
import { useSigner } from '../data/footage.ts';
import { CopyText } from '../ui/CopyText.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { verifyLine } from './verify-line.ts';

/** How whoever receives a package checks it. */
export function SignerPanel() {
  const { t } = useTranslation();
  const signer = useSigner();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t('footage.signerTitle')}</h2>
      </div>
      <div className="panel-body stack">
        <p className="small muted">{t('footage.signer')}</p>
        <QueryView query={signer}>
          {({ fingerprint }) => (
            <>
              <CopyText label={t('footage.fingerprint')} text={fingerprint} testId="signer-fingerprint" />
              <CopyText label={t('footage.verifyLine')} text={verifyLine('FILE', fingerprint)} />
            </>
          )}
        </QueryView>
      </div>
    </section>
  );
}
