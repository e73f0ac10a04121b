import { A_LAW_TO_LINEAR, aLawOf, MU_LAW_TO_LINEAR, muLawOf } from '../../contract/g711.ts';

const MU_TO_A = Uint8Array.from(MU_LAW_TO_LINEAR, aLawOf);
const A_TO_MU = Uint8Array.from(A_LAW_TO_LINEAR, muLawOf);

/** Samples in A-law, from µ-law. */
export function muLawToALaw(samples: Uint8Array): Uint8Array {
  return samples.map((code) => MU_TO_A[code] ?? 0);
}

/** Samples in µ-law, from A-law. */
export function aLawToMuLaw(samples: Uint8Array): Uint8Array {
  return samples.map((code) => A_TO_MU[code] ?? 0);
}
