import { SharpEyesError } from '../../contract/errors.ts';
import type { ClosingCode, IncidentState, IncidentSummary } from '../../contract/incident.ts';

/**
 * The life of an incident. Correlation opens it, a person accepts it and a person closes it:
 *
 *                 accept                  close
 *     reported ───────────► accepted ───────────► closed
 *         │                  │  ▲                   ▲
 *         │                  └──┘ accept (takeover  │
 *         │                       by a colleague)   │
 *         └─────────────────────────────────────────┘
 *                     close (duplicates, tests)
 *
 * | state    | invariant                                                            |
 * | -------- | -------------------------------------------------------------------- |
 * | reported | no owner, no closing code; events may join                           |
 * | accepted | has an owner, no closing code; events may join                       |
 * | closed   | has a closing code; nothing joins any more, a repetition opens anew  |
 *
 * Notes may be added in every state. Each step and each joined event raises the version; a step names the version that
 * the person saw, and is refused with CONFLICT when another person's step came in between. Events that joined meanwhile
 * are no reason to refuse: they change nothing about who has the incident.
 */
type Step = 'accept' | 'close';

const ALLOWED: Readonly<Record<Step, readonly IncidentState[]>> = {
  accept: ['reported', 'accepted'],
  close: ['reported', 'accepted'],
};

/** What a step looks at. */
export type Steppable = Pick<IncidentSummary, 'number' | 'state' | 'owner' | 'version'> & {
  /** Version after the newest step of a person. */
  stepVersion: number;
};

/** What a step changes. */
export interface StepResult {
  state: IncidentState;
  owner: string | null;
  closingCode: ClosingCode | null;
}

function check(incident: Steppable, step: Step, version: number): void {
  const { number, state, stepVersion } = incident;
  if (version < stepVersion || version > incident.version) {
    throw new SharpEyesError('CONFLICT', `incident ${number} was changed meanwhile; load it again`, {
      context: { number, version: incident.version, owner: incident.owner },
    });
  }
  if (ALLOWED[step].includes(state)) return;
  throw new SharpEyesError('INCIDENT_STATE', `incident ${number} is ${state}; it cannot be ${past(step)} any more`, {
    context: { number, state },
  });
}

function past(step: Step): string {
  return step === 'accept' ? 'accepted' : 'closed';
}

/**
 * Somebody takes the incident; who takes it from a colleague has to have seen that the colleague has it.
 * @throws SharpEyesError CONFLICT when somebody was faster, INCIDENT_STATE when it is closed
 */
export function accept(incident: Steppable, account: string, version: number): StepResult {
  check(incident, 'accept', version);
  return { state: 'accepted', owner: account, closingCode: null };
}

/**
 * Somebody closes the incident; an incident that nobody had becomes the closer's.
 * @throws SharpEyesError CONFLICT when it was changed meanwhile, INCIDENT_STATE when it is closed already
 */
export function close(incident: Steppable, account: string, version: number, code: ClosingCode): StepResult {
  check(incident, 'close', version);
  return { state: 'closed', owner: incident.owner ?? account, closingCode: code };
}
