// Programs of the operating system that the tests use as independent peers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fail } from './setup.mjs';

const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const present = (command) => succeeds('sh', ['-c', `command -v ${command}`]);
const SYSTEM_PYTHON = '/usr/bin/python3';
const GST_CHECK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";

/**
 * What is needed, how it is recognised, and the Debian packages that bring it. Without an optional one its tests skip and
 * say so.
 */
const PROGRAMS = [
  { name: 'ffmpeg', found: () => present('ffmpeg') && present('ffprobe'), packages: ['ffmpeg'] },
  {
    name: "GStreamer's RTSP server",
    found: () =>
      existsSync(SYSTEM_PYTHON) &&
      succeeds(SYSTEM_PYTHON, ['-c', GST_CHECK]) &&
      succeeds('gst-inspect-1.0', ['x264enc']) &&
      succeeds('gst-inspect-1.0', ['videotestsrc']),
    packages: [
      'python3-gi',
      'gir1.2-gst-rtsp-server-1.0',
      'gstreamer1.0-tools',
      'gstreamer1.0-plugins-base',
      'gstreamer1.0-plugins-good',
      'gstreamer1.0-plugins-bad',
      'gstreamer1.0-plugins-ugly',
      'gstreamer1.0-rtsp',
    ],
  },
  {
    name: 'Mosquitto',
    found: () => (present('mosquitto') || existsSync('/usr/sbin/mosquitto')) && present('mosquitto_pub'),
    packages: ['mosquitto', 'mosquitto-clients'],
  },
  { name: 'Chromium', found: () => present('chromium') || present('chromium-browser'), packages: ['chromium'] },
  {
    name: 'Firefox (plays H.265, which Chromium does not)',
    found: () => present('firefox-esr') || present('firefox'),
    packages: ['firefox-esr'],
    optional: true,
  },
  { name: 'certutil', found: () => present('certutil'), packages: ['libnss3-tools'] },
  {
    name: 'docker-compose (checks the compose file)',
    found: () => present('docker-compose'),
    packages: ['docker-compose'],
  },
  {
    name: 'pymodbus (answers as a Modbus device)',
    found: () => existsSync(SYSTEM_PYTHON) && succeeds(SYSTEM_PYTHON, ['-c', 'import pymodbus.server.async_io']),
    packages: ['python3-pymodbus', 'python3-serial', 'python3-serial-asyncio'],
    optional: true,
  },
  { name: 'unzip', found: () => present('unzip'), packages: ['unzip'] },
  {
    name: 'a Chinese font',
    found: () => succeeds('sh', ['-c', 'fc-list :lang=zh | grep -q .']),
    packages: ['fontconfig', 'fonts-noto-cjk'],
  },
];

function isDebian() {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8')) && present('apt-get');
}

/** Installs what is missing where that is possible; elsewhere says in one line what to install. */
export function ensureSystemPrograms() {
  const absent = PROGRAMS.filter(({ found }) => !found());
  if (absent.length === 0) return;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const mayInstall = isDebian() && (sudo.length === 0 || succeeds('sudo', ['-n', 'true']));
  const missing = mayInstall ? absent : absent.filter(({ optional }) => optional !== true);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const packages = missing.flatMap((program) => program.packages);
  if (!mayInstall) {
    fail(`Please install ${names} first (Debian: apt-get install ${packages.join(' ')}), then run the tests again.`);
  }
  console.log(`Installing ${names} …`);
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  const install = (list) => list.length === 0 || apt('install', '-y', '--no-install-recommends', ...list);
  const packagesOf = (isOptional) =>
    missing.filter(({ optional = false }) => optional === isOptional).flatMap((program) => program.packages);
  if (!apt('update') || !install(packagesOf(false))) {
    fail(
      `The system's package manager could not install ${packagesOf(false).join(' ')}; install them by hand and run the tests again.`,
    );
  }
  if (!install(packagesOf(true))) console.log(`${packagesOf(true).join(' ')} cannot be installed: its tests skip.`);
  const still = PROGRAMS.filter(({ found, optional }) => optional !== true && !found());
  if (still.length > 0) fail(`Still missing after the installation: ${still.map(({ name }) => name).join(', ')}.`);
}
