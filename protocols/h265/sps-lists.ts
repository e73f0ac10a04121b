import { SharpEyesError } from '../../contract/errors.ts';
import type { BitReader } from '../nal/bit-reader.ts';

/** Passes over `scaling_list_data()` (ITU-T H.265 clause 7.3.4). @throws SharpEyesError MEDIA_MALFORMED at the end */
export function skipScalingLists(r: BitReader): void {
  for (let sizeId = 0; sizeId < 4; sizeId += 1) {
    for (let matrixId = 0; matrixId < 6; matrixId += sizeId === 3 ? 3 : 1) {
      if (!r.flag()) {
        r.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (sizeId > 1) r.se(); // scaling_list_dc_coef_minus8
      for (let i = 0; i < Math.min(64, 1 << (4 + (sizeId << 1))); i += 1) r.se();
    }
  }
}

const MAX_SETS = 64;
const MAX_PICTURES = 16;

/** Passes over all `st_ref_pic_set()` (clause 7.3.7). @throws SharpEyesError MEDIA_MALFORMED when one is impossible */
export function skipReferencePictureSets(r: BitReader): void {
  const count = r.ue();
  if (count > MAX_SETS) throw impossible();
  let pictures = 0;
  for (let i = 0; i < count; i += 1) {
    pictures = i > 0 && r.flag() ? skipPredictedSet(r, pictures) : skipExplicitSet(r);
    if (pictures > MAX_PICTURES) throw impossible();
  }
}

/** A set described by its difference to the one before, which holds `pictures`; returns how many it holds itself. */
function skipPredictedSet(r: BitReader, pictures: number): number {
  r.flag(); // delta_rps_sign
  r.ue(); // abs_delta_rps_minus1
  let kept = 0;
  for (let i = 0; i <= pictures; i += 1) {
    const used = r.flag();
    if (used || r.flag()) kept += 1;
  }
  return kept;
}

function skipExplicitSet(r: BitReader): number {
  const pictures = r.ue() + r.ue();
  if (pictures > MAX_PICTURES) throw impossible();
  for (let i = 0; i < pictures; i += 1) {
    r.ue();
    r.flag();
  }
  return pictures;
}

function impossible(): SharpEyesError {
  return new SharpEyesError('MEDIA_MALFORMED', 'A parameter set names an impossible set of reference pictures.');
}
