import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { loadConfig } from '../../platform/config/load.ts';
import { Rule } from './rule.ts';
import { RuleSet } from './rule-set.ts';

/** Folder of the rules that ship with the product. */
export const SHIPPED_RULES = join(import.meta.dirname, 'rules');

/**
 * Reads every `*.yaml` of a folder, one rule each, in the order of their names.
 * @throws SharpEyesError `RULES_INVALID`; the message names file, line and what would be right
 */
export function loadRules(folder: string = SHIPPED_RULES): RuleSet {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  } catch (cause) {
    throw new SharpEyesError('RULES_INVALID', `cannot read the folder of rules ${folder}: ${messageOf(cause)}`, {
      cause,
    });
  }
  return new RuleSet(names.sort().map((name) => readRule(join(folder, name))));
}

function readRule(file: string): Rule {
  try {
    return loadConfig(file, Rule);
  } catch (cause) {
    const context = cause instanceof SharpEyesError ? cause.context : {};
    throw new SharpEyesError('RULES_INVALID', messageOf(cause), { context, cause });
  }
}
