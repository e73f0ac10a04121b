import { SharpEyesError } from '../../contract/errors.ts';
import type { EdgeEvent } from '../../contract/event.ts';
import type { RegionLevel } from './place.ts';
import type { JoinClause, Rule } from './rule.ts';

const NOTHING: readonly JoinClause[] = [];

/** Rules, sorted for the questions that are asked for every event. */
export class RuleSet {
  readonly #byId = new Map<string, Rule>();
  readonly #starts = new Map<string, Rule[]>();
  readonly #otherwise: Rule[] = [];
  readonly #joins = new Map<Rule, Map<string, JoinClause[]>>();
  readonly #joiningKinds = new Set<string>();
  /** Longest distance of any clause. */
  readonly maxMeters: number;
  /** Longest window of any clause. */
  readonly maxWindowMs: number;
  /** Levels of regions that any clause uses. */
  readonly levels: readonly RegionLevel[];

  /** @throws SharpEyesError `RULES_INVALID` when two rules have the same id */
  constructor(rules: readonly Rule[]) {
    for (const rule of rules) this.#add(rule);
    const clauses = rules.flatMap((rule) => rule.joins);
    this.maxMeters = Math.max(1, ...clauses.filter(({ where }) => where === 'within').map(({ meters }) => meters));
    this.maxWindowMs = Math.max(0, ...clauses.map(({ windowSeconds }) => windowSeconds)) * 1000;
    this.levels = [...new Set(clauses.filter(({ where }) => where === 'same-region').map(({ level }) => level))];
  }

  /** The rule by its id; undefined when it was removed since. */
  rule(id: string): Rule | undefined {
    return this.#byId.get(id);
  }

  /** The rule that this event starts an incident by: one that names its kind, else one for everything else. */
  starting(event: EdgeEvent): Rule | undefined {
    return pick(this.#starts.get(event.kind), event) ?? pick(this.#otherwise, event);
  }

  /** Whether an event of this kind may join anything. */
  mayJoin(kind: string): boolean {
    return this.#joiningKinds.has(kind);
  }

  /** Longest distance from which anything may join an incident of a rule; 0 when distance does not count. */
  reachOf(rule: Rule): number {
    return Math.max(0, ...rule.joins.map(({ where, meters }) => (where === 'within' ? meters : 0)));
  }

  /** Clauses by which an event of this kind may join an incident of a rule. */
  clauses(rule: Rule, kind: string): readonly JoinClause[] {
    return this.#joins.get(rule)?.get(kind) ?? NOTHING;
  }

  #add(rule: Rule): void {
    if (this.#byId.has(rule.id)) {
      throw new SharpEyesError('RULES_INVALID', `two correlation rules have the id ${rule.id}: rename one of them`);
    }
    this.#byId.set(rule.id, rule);
    if (rule.starts.kinds.length === 0) this.#otherwise.push(rule);
    for (const kind of rule.starts.kinds) this.#starts.set(kind, [...(this.#starts.get(kind) ?? []), rule]);
    const byKind = new Map<string, JoinClause[]>();
    for (const clause of rule.joins) {
      for (const kind of clause.kinds) {
        this.#joiningKinds.add(kind);
        byKind.set(kind, [...(byKind.get(kind) ?? []), clause]);
      }
    }
    this.#joins.set(rule, byKind);
  }
}

function pick(rules: readonly Rule[] | undefined, event: EdgeEvent): Rule | undefined {
  return rules?.find(({ starts }) => starts.states.includes(event.state) && event.priority <= starts.priorityAtMost);
}
