import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A running server of pymodbus; what it holds stands in the script. */
export interface PymodbusServer {
  port: number;
  stop(): Promise<void>;
}

const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'modbus-server.py');

/** Whether pymodbus is here; tests that need it skip, saying so, when not. */
export const hasPymodbus = probe();
if (!hasPymodbus) console.warn('pymodbus not found (python3-pymodbus): its tests are skipped');

function probe(): boolean {
  if (!existsSync(PYTHON)) return false;
  try {
    execFileSync(PYTHON, ['-c', 'import pymodbus.server.async_io'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts the server on a free port of 127.0.0.1. */
export function startPymodbus(): Promise<PymodbusServer> {
  const child = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`pymodbus ended with ${code}`)));
    child.stdout.setEncoding('utf8').once('data', (text: string) => {
      resolve({
        port: Number(text),
        stop: async () => {
          child.kill('SIGKILL');
          await exited;
        },
      });
    });
  });
}
