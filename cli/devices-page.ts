import { join } from 'node:path';
import { loadProfiles } from '../edge/profiles/load.ts';
import type { DeviceProfile } from '../edge/profiles/schema.ts';
import { PACKAGE_ROOT } from '../platform/version.ts';

/** The page of device families: what each reports and measures, and by how many samples that is proven. */
export function devicesPage(): string {
  const profiles = loadProfiles(join(PACKAGE_ROOT, 'device-profiles')).list();
  return [
    '# Devices',
    '',
    'Generated from `device-profiles/`. A family reports what stands here and nothing else; `npm test` runs every sample.',
    'Cameras of any maker also stream, are recorded, turned, heard and spoken through as far as they say they can (see the',
    'README); events of a maker that is not named are read by the generic profile.',
    '',
    '| family | 设备 | driver | reports | measures | samples |',
    '| --- | --- | --- | --- | --- | --- |',
    ...profiles.map(row),
    ...troubles(profiles),
    '',
  ].join('\n');
}

function row({ title, titleZh, driver, events = [], readings = [], samples }: DeviceProfile): string {
  const alarms = readings.flatMap(({ thresholds = [] }) => thresholds.map(({ kind }) => kind));
  const kinds = [...new Set([...events.map(({ kind }) => kind), ...alarms])].sort();
  const measures = [...new Set(readings.map(({ quantity, unit }) => `${quantity} (${unit})`))].sort();
  return `| ${title} | ${titleZh} | ${driver} | ${kinds.join(', ')} | ${measures.join(', ')} | ${samples.length} |`;
}

function troubles(profiles: readonly DeviceProfile[]): string[] {
  const known = profiles.flatMap(({ title, caveats = [] }) =>
    caveats.map(
      ({ text, link }) => `- **${title}**: ${text.trim()}${link === undefined ? '' : ` ([source](${link}))`}`,
    ),
  );
  return known.length === 0 ? [] : ['', '## Known troubles', '', ...known];
}
