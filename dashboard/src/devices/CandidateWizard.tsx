import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { Device, Edge, HubCandidate } from '../../../contract/api/devices.ts';
import type { DeviceConnection, ProbeResult } from '../../../contract/device.ts';
import { takeDevice, useCandidates, useEdges } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { queryClient } from '../data/query-client.ts';
import { api } from '../data/services.ts';
import { Loading } from '../ui/Empty.tsx';
import { Note } from '../ui/Note.tsx';
import { EMPTY_DRAFT, type PlacementDraft, placementOf } from './placement.ts';
import { Steps } from './Steps.tsx';
import { sealFor } from './sealing.ts';
import { CheckStep } from './wizard/CheckStep.tsx';
import { DoneStep } from './wizard/DoneStep.tsx';
import { PlaceStep } from './wizard/PlaceStep.tsx';
import { ServiceStep } from './wizard/ServiceStep.tsx';
import { SignInStep } from './wizard/SignInStep.tsx';

const ORDER_TIMEOUT_MS = 60_000;

/** Setting up a found device: sign-in, check, place, service, done. */
export default function CandidateWizard() {
  const { t } = useTranslation();
  const { edgeId, candidateId } = useParams();
  const candidates = useCandidates();
  const edges = useEdges();
  const candidate = candidates.data?.find((each) => each.candidateId === candidateId && each.edgeId === edgeId);
  const edge = edges.data?.find((each) => each.edgeId === edgeId);
  // A registered candidate leaves the list; the last page of the wizard still speaks about it.
  const [kept, setKept] = useState<HubCandidate | null>(null);
  if (candidate !== undefined && kept === null) setKept(candidate);
  if (kept === null || edge === undefined) {
    if (candidates.isLoading || edges.isLoading) return <Loading />;
    return (
      <Steps title={t('devices.title')}>
        <Note tone="warn">{t('devices.wizard.gone')}</Note>
      </Steps>
    );
  }
  return <Wizard candidate={kept} edge={edge} />;
}

type Step = 'signIn' | 'check' | 'place' | 'service' | 'done';
const STEPS: readonly Step[] = ['signIn', 'check', 'place', 'service', 'done'];

function Wizard({ candidate, edge }: { candidate: HubCandidate; edge: Edge }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>('signIn');
  const [connection, setConnection] = useState<DeviceConnection>({});
  const [draft, setDraft] = useState<PlacementDraft>({ ...EMPTY_DRAFT, regionId: edge.regionId ?? '' });
  const [device, setDevice] = useState<Device | null>(null);

  const probe = useMutation({
    mutationFn: async (given: { username: string; password: string }): Promise<ProbeResult> => {
      const next: DeviceConnection = {
        url: candidate.address,
        ...(given.username === '' ? {} : { username: given.username }),
        ...(given.password === '' ? {} : { password: await sealFor(edge, given.password) }),
      };
      setConnection(next);
      return api.call(
        'probeCandidate',
        { params: { edgeId: edge.edgeId, candidateId: candidate.candidateId }, body: { connection: next } },
        { timeoutMs: ORDER_TIMEOUT_MS },
      );
    },
    onSuccess: () => setStep('check'),
  });
  const register = useMutation({
    mutationFn: (choice: { profileId: string | null; record: boolean }) => {
      const placement = placementOf(draft);
      if (placement === null) throw new Error('the placement was checked before');
      return api.call(
        'registerDevice',
        {
          body: {
            edgeId: edge.edgeId,
            candidateId: candidate.candidateId,
            driver: candidate.driver,
            type: probe.data?.type ?? candidate.type,
            connection,
            placement,
            ...choice,
          },
        },
        { timeoutMs: ORDER_TIMEOUT_MS },
      );
    },
    onSuccess: (answer) => {
      takeDevice(answer.device);
      setDevice(answer.device);
      setStep('done');
      void queryClient.invalidateQueries({ queryKey: keys.candidates });
    },
  });

  return (
    <Steps
      title={t('devices.wizard.title', { name: candidate.name })}
      steps={STEPS.map((each) => t(`devices.wizard.steps.${each}`))}
      at={STEPS.indexOf(step)}
    >
      <div className="stack" data-testid="wizard" data-step={step}>
        {step === 'signIn' && (
          <SignInStep
            candidate={candidate}
            edge={edge}
            busy={probe.isPending}
            error={probe.error}
            onProbe={(given) => probe.mutate(given)}
          />
        )}
        {step === 'check' && probe.data !== undefined && (
          <CheckStep result={probe.data} onAgain={() => setStep('signIn')} onNext={() => setStep('place')} />
        )}
        {step === 'place' && (
          <PlaceStep
            draft={draft}
            onChange={setDraft}
            type={probe.data?.type ?? candidate.type}
            onBack={() => setStep('check')}
            onNext={() => setStep('service')}
          />
        )}
        {step === 'service' && (
          <ServiceStep
            edge={edge}
            candidate={candidate}
            probe={probe.data}
            busy={register.isPending}
            error={register.error}
            onBack={() => setStep('place')}
            onRegister={(choice) => register.mutate(choice)}
          />
        )}
        {step === 'done' && device !== null && <DoneStep device={device} />}
      </div>
    </Steps>
  );
}
