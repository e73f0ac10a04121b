import type { Priority } from '../../../contract/event.ts';

interface Note {
  hertz: number;
  atS: number;
  lengthS: number;
}

/** Two falling tones twice for priority 1, one soft rising pair for 2; lower priorities make no sound. */
const MELODIES: Partial<Record<Priority, readonly Note[]>> = {
  1: [
    { hertz: 880, atS: 0, lengthS: 0.22 },
    { hertz: 660, atS: 0.24, lengthS: 0.3 },
    { hertz: 880, atS: 0.7, lengthS: 0.22 },
    { hertz: 660, atS: 0.94, lengthS: 0.3 },
  ],
  2: [
    { hertz: 523, atS: 0, lengthS: 0.18 },
    { hertz: 698, atS: 0.2, lengthS: 0.3 },
  ],
};

/** Alarm tones made in the browser. Silent until somebody touched the page: browsers insist on that. */
export class AlarmSound {
  #context: AudioContext | null = null;

  /** Call on any click or key. */
  unlock(): void {
    this.#context ??= new AudioContext();
    if (this.#context.state === 'suspended') void this.#context.resume();
  }

  /** Whether the browser lets us be heard. */
  get ready(): boolean {
    return this.#context?.state === 'running';
  }

  play(priority: Priority): void {
    const context = this.#context;
    if (context === null || context.state !== 'running') return;
    for (const note of MELODIES[priority] ?? []) {
      const from = context.currentTime + note.atS;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.type = 'triangle';
      tone.frequency.value = note.hertz;
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(0.22, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, from + note.lengthS);
      tone.connect(volume).connect(context.destination);
      tone.start(from);
      tone.stop(from + note.lengthS + 0.05);
    }
  }
}

/** The page's one voice. */
export const alarmSound = new AlarmSound();
