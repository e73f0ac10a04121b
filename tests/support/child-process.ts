import { readFileSync } from 'node:fs';

/** Pid of the child of `parent` whose arguments contain `word` (Linux); null while there is none. */
export function childPid(parent: number, word: string): number | null {
  const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
  for (const pid of text.trim().split(' ').map(Number)) if (pid > 0 && argumentsOf(pid).includes(word)) return pid;
  return null;
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It ended meanwhile.
    return [];
  }
}
