// Programs of the operating system that the tests use as independent peers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fail } from './setup.mjs';

const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const present = (command) => succeeds('sh', ['-c', `command -v ${command}`]);
const SYSTEM_PYTHON = '/usr/bin/python3';
const GST_CHECK = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";

/** What is needed, how it is recognised, and the Debian packages that bring it. */
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
  { name: 'certutil', found: () => present('certutil'), packages: ['libnss3-tools'] },
  {
    name: 'docker-compose (checks the compose file)',
    found: () => present('docker-compose'),
    packages: ['docker-compose'],
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
  const missing = PROGRAMS.filter(({ found }) => !found());
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const packages = missing.flatMap((program) => program.packages);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!isDebian() || (sudo.length > 0 && !succeeds('sudo', ['-n', 'true']))) {
    fail(`Please install ${names} first (Debian: apt-get install ${packages.join(' ')}), then run the tests again.`);
  }
  console.log(`Installing ${names} …`);
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  if (!apt('update') || !apt('install', '-y', '--no-install-recommends', ...packages)) {
    fail(
      `The system's package manager could not install ${packages.join(' ')}; install them by hand and run the tests again.`,
    );
  }
  const still = PROGRAMS.filter(({ found }) => !found());
  if (still.length > 0) fail(`Still missing after the installation: ${still.map(({ name }) => name).join(', ')}.`);
}
