/**
 * Runs inside the page: notes when a tile was asked for, when its first picture was shown, and after that which number
 * each further picture shows and when. Results are read from `window.benchPictures`.
 */
(() => {
  const BLOCKS = 11;
  const BLOCK_PIXELS = 64;
  const NEUTRAL = 128;
  const SETTLED_MS = 3000;
  /** @type {{ openedAt: number | null, firstAt: number | null, path: string | null, shown: { number: number, at: number }[], unread: number }} */
  let now = fresh();
  window.benchPictures = {
    read: () => now,
    reset: () => {
      now = fresh();
    },
  };

  function fresh() {
    return { openedAt: null, firstAt: null, path: null, shown: [], unread: 0 };
  }

  const small = new OffscreenCanvas(BLOCKS, 1);
  const pen = small.getContext('2d', { willReadFrequently: true });

  /** The number that a picture shows; null when it cannot be read. */
  function numberIn(picture) {
    pen.drawImage(picture, 0, 0, BLOCKS * BLOCK_PIXELS, BLOCK_PIXELS, 0, 0, BLOCKS, 1);
    const { data } = pen.getImageData(0, 0, BLOCKS, 1);
    const lights = Array.from({ length: BLOCKS }, (_, n) => (data[n * 4] > NEUTRAL ? 1 : 0));
    const [light, dark, ...bits] = lights;
    const parity = bits.pop();
    if (light !== 1 || dark !== 0 || bits.reduce((sum, bit) => sum + bit, 0) % 2 !== parity) return null;
    return bits.reduce((sum, bit, n) => sum + bit * 2 ** n, 0);
  }

  function shows(picture, atMs, path) {
    if (now.openedAt === null) return;
    const at = Date.now() - (performance.now() - atMs);
    now.path = path;
    now.firstAt ??= at;
    if (at - now.openedAt < SETTLED_MS) return;
    const number = numberIn(picture);
    if (number === null) now.unread += 1;
    else if (now.shown.at(-1)?.number !== number) now.shown.push({ number, at });
  }

  const followed = new WeakSet();
  function follow(video) {
    if (followed.has(video)) return;
    followed.add(video);
    const next = (_calledAt, about) => {
      // When it will be on the screen: not before the browser has put it together.
      shows(video, Math.max(about.expectedDisplayTime, performance.now()), 'video');
      if (video.isConnected) video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }

  function look() {
    const tile = document.querySelector('[data-testid=wall] [data-testid=tile]');
    if (tile !== null) {
      for (const video of tile.querySelectorAll('video')) follow(video);
      // Pictures that a script decodes are on a canvas; it tells nobody of a new one.
      const canvas = tile.querySelector('canvas:not([hidden])');
      if (canvas !== null && tile.dataset.path === 'webcodecs') shows(canvas, performance.now(), 'canvas');
    }
    requestAnimationFrame(look);
  }
  requestAnimationFrame(look);

  addEventListener(
    'click',
    (event) => {
      if (event.target.closest?.('[data-testid=nav-wall]') === null) return;
      now = { ...fresh(), openedAt: Date.now() };
    },
    { capture: true },
  );
})();
