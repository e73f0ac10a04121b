import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { parseAnswer } from '../../../../protocols/onvif/answer.ts';
import { buildAudioOutputs } from '../../../../protocols/onvif/build-media.ts';
import { buildNodes, buildPresets, buildPresetToken, buildPtzStatus } from '../../../../protocols/onvif/build-ptz.ts';
import {
  parseHasAudioOutput,
  parseNodes,
  parsePresets,
  parsePresetToken,
  parsePtzStatus,
} from '../../../../protocols/onvif/parse-ptz.ts';
import { parseRequest } from '../../../../protocols/onvif/parse-request.ts';
import { parseMoveRequest, parsePresetRequest } from '../../../../protocols/onvif/parse-request-ptz.ts';
import { buildRequest } from '../../../../protocols/onvif/request.ts';
import { continuousMove, setPreset } from '../../../../protocols/onvif/request-ptz.ts';

const range = { min: -1, max: 1 };
const node = {
  token: 'n',
  name: 'PTZ',
  pan: range,
  tilt: range,
  zoom: { min: -7, max: 7 },
  maxPresets: 300,
  hasHome: true,
};

describe('both sides of PTZ', () => {
  test('nodes, presets and position are read as they were written', () => {
    const fixed = { ...node, token: 'f', pan: null, tilt: null, zoom: null, maxPresets: 0, hasHome: false };
    expect(parseNodes(parseAnswer(buildNodes([node, fixed]), 'GetNodes'))).toEqual([node, fixed]);
    const presets = [
      { token: '1', name: '大门 <Gate>' },
      { token: 'P&2', name: '' },
    ];
    expect(parsePresets(parseAnswer(buildPresets(presets), 'GetPresets'))).toEqual(presets);
    expect(parsePresetToken(parseAnswer(buildPresetToken('7'), 'SetPreset'))).toBe('7');
    const status = { pan: -0.25, tilt: 0.5, zoom: 0.125, moving: true };
    expect(parsePtzStatus(parseAnswer(buildPtzStatus(status, '2026-01-01T00:00:00Z'), 'GetStatus'))).toEqual(status);
    const hasLoudspeaker = (tokens: string[]): boolean =>
      parseHasAudioOutput(parseAnswer(buildAudioOutputs(tokens), 'GetAudioOutputs'));
    expect([hasLoudspeaker(['a']), hasLoudspeaker([])]).toEqual([true, false]);
  });

  test('a movement names only the axes it has, in plain decimals', () => {
    const xml = buildRequest(continuousMove('p', { panTilt: { x: 1e-7, y: -1 / 3 }, zoom: null }, 1200));
    expect(xml).not.toContain('e-7');
    expect(parseMoveRequest(parseRequest(xml).body)).toEqual({ pan: 0, tilt: -0.3333, zoom: null, timeoutMs: 1000 });
    const without = buildRequest(continuousMove('p', { panTilt: null, zoom: 0.5 }, null));
    expect(parseMoveRequest(parseRequest(without).body)).toEqual({ pan: null, tilt: null, zoom: 0.5, timeoutMs: null });
    const preset = parseRequest(buildRequest(setPreset('p', '村口', null))).body;
    expect(parsePresetRequest(preset)).toEqual({ token: null, name: '村口' });
  });

  test('a range without sense is the generic one', () => {
    const odd = buildNodes([{ ...node, pan: { min: 0, max: 0 }, zoom: { min: 5, max: 1 } }]);
    expect(parseNodes(parseAnswer(odd, 'GetNodes'))[0]).toMatchObject({ pan: range, zoom: range });
  });

  test('whatever a camera answers is read or refused by name', () => {
    const good = [buildNodes([node]), buildPresets([{ token: '1', name: 'a' }]), buildPresetToken('1')];
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), fc.nat(), fc.string({ maxLength: 40 }), (text, at, cut, put) => {
        const from = at % text.length;
        const broken = text.slice(0, from) + put + text.slice(from + (cut % 60));
        for (const operation of ['GetNodes', 'GetPresets', 'SetPreset', 'GetStatus']) {
          try {
            const body = parseAnswer(broken, operation);
            parseNodes(body);
            parsePresets(body);
            parsePtzStatus(body);
          } catch (error) {
            if (!(error instanceof SharpEyesError)) throw error;
          }
        }
      }),
    );
  });
});
