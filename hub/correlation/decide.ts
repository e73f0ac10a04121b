import type { Priority } from '../../contract/event.ts';
import type { Reason } from '../../contract/incident.ts';
import type { IncidentIndex } from './incident-index.ts';
import { type LocatedEvent, stateKey } from './located-event.ts';
import type { LooseEvents } from './loose-events.ts';
import type { OpenIncident } from './open-incident.ts';
import { clearReason, reasonFor, repeatReason } from './reasons.ts';
import type { JoinClause, Rule } from './rule.ts';
import type { RuleSet } from './rule-set.ts';

/** What is done with an event. */
export type Decision =
  | { kind: 'none' }
  | { kind: 'join'; incident: OpenIncident; reasons: Reason[] }
  | {
      kind: 'open';
      rule: Rule;
      priority: Priority;
      reasons: Reason[];
      /** Earlier events that belong to it. */
      gathers: { event: LocatedEvent; reasons: Reason[] }[];
    };

/** What a decision may look at; it changes nothing of it. */
export interface DecisionContext {
  rules: RuleSet;
  incidents: Pick<IncidentIndex, 'clearedBy' | 'withAlarm' | 'near'>;
  loose: Pick<LooseEvents, 'candidates'>;
}

const NONE: Decision = { kind: 'none' };
/** Most earlier events that an incident takes with it. */
const GATHERED_MAX = 50;
/** Stronger ties first. */
const STRENGTH: readonly JoinClause['where'][] = ['same-device', 'linked', 'within', 'same-region'];

/**
 * Decides on one event, in this order: it ends a state of an open incident; it repeats an alarm that is already in one;
 * a rule lets it join one; a rule starts one; else it stays alone. Times are event times, so late events find the
 * incident that they belong to.
 */
export function decide(event: LocatedEvent, context: DecisionContext): Decision {
  if (event.event.state === 'cleared') return clear(event, context) ?? startOf(event, context);
  return repeat(event, context) ?? join(event, context) ?? startOf(event, context);
}

function clear(event: LocatedEvent, { incidents }: DecisionContext): Decision | null {
  const incident = incidents.clearedBy(event.event);
  if (incident === undefined) return null;
  const sinceMs = incident.active.get(stateKey(event.event)) ?? incident.firstEventAtMs;
  return { kind: 'join', incident, reasons: [clearReason(event, sinceMs)] };
}

/** An alarm that would start an incident does not start a second one while its first is open. */
function repeat(event: LocatedEvent, { rules, incidents }: DecisionContext): Decision | null {
  if (rules.starting(event.event) === undefined) return null;
  const incident = incidents.withAlarm(event.event).findLast((open) => lasts(open, event));
  return incident === undefined ? null : { kind: 'join', incident, reasons: [repeatReason(event, incident)] };
}

interface Match {
  incident: OpenIncident;
  reasons: Reason[];
  rank: number;
}

function join(event: LocatedEvent, { rules, incidents }: DecisionContext): Decision | null {
  if (!rules.mayJoin(event.event.kind)) return null;
  let best: Match | null = null;
  for (const incident of incidents.near(event.place)) {
    const match = matchOf(event, incident, rules);
    if (match !== null && (best === null || match.rank < best.rank)) best = match;
  }
  return best === null ? null : { kind: 'join', incident: best.incident, reasons: best.reasons };
}

function matchOf(event: LocatedEvent, incident: OpenIncident, rules: RuleSet): Match | null {
  const { rule } = incident;
  if (rule === null || incident.eventCount >= rule.maxEvents || !lasts(incident, event)) return null;
  let match: Match | null = null;
  for (const clause of rules.clauses(rule, event.event.kind)) {
    const reason = reasonFor(event, clause, incident);
    if (reason === null) continue;
    match ??= { incident, reasons: [], rank: Number.POSITIVE_INFINITY };
    match.rank = Math.min(match.rank, rankOf(clause, reason));
    if (!match.reasons.some(({ code }) => code === reason.code)) match.reasons.push(reason);
  }
  return match;
}

/** Smaller is closer: the kind of tie first, the distance second. */
function rankOf(clause: JoinClause, reason: Reason): number {
  const meters = reason.params['meters'];
  return STRENGTH.indexOf(clause.where) * 10_000 + (typeof meters === 'number' ? meters : 0);
}

function startOf(event: LocatedEvent, context: DecisionContext): Decision {
  const rule = context.rules.starting(event.event);
  if (rule === undefined) return NONE;
  return {
    kind: 'open',
    rule,
    priority: rule.priority ?? event.event.priority,
    reasons: [{ code: 'starts', params: { rule: rule.id } }],
    gathers: gather(event, rule, context),
  };
}

/** Earlier events that belong to the incident which `start` opens, oldest first. */
function gather(
  start: LocatedEvent,
  rule: Rule,
  { loose }: DecisionContext,
): { event: LocatedEvent; reasons: Reason[] }[] {
  const atMs = start.event.edgeAtMs;
  const origin = { start: start.place, firstEventAtMs: atMs, lastEventAtMs: atMs };
  const found = new Map<LocatedEvent, Reason[]>();
  for (const clause of rule.joins) {
    for (const event of loose.candidates(clause, start.place)) {
      if (!clause.kinds.some((kind) => kind === event.event.kind)) continue;
      const reason = reasonFor(event, clause, origin);
      const reasons = found.get(event) ?? [];
      if (reason === null || reasons.some(({ code }) => code === reason.code)) continue;
      found.set(event, [...reasons, reason]);
    }
  }
  return [...found]
    .map(([event, reasons]) => ({ event, reasons }))
    .sort((a, b) => a.event.event.edgeAtMs - b.event.event.edgeAtMs)
    .slice(-GATHERED_MAX);
}

/** Whether the incident still takes events of this time. */
function lasts(incident: OpenIncident, { event }: LocatedEvent): boolean {
  const maxMs = (incident.rule?.maxDurationMinutes ?? 60) * 60_000;
  return Math.abs(event.edgeAtMs - incident.firstEventAtMs) <= maxMs;
}
