/** Runs inside the page: frames that all its video elements present per second, counted over a while. */
(() => {
  const STILL_MS = 2000;
  const look = (video) =>
    new Promise((resolve) => {
      // A picture that stands still calls nobody.
      const timer = setTimeout(() => resolve(null), STILL_MS);
      video.requestVideoFrameCallback((_now, about) => {
        clearTimeout(timer);
        resolve({ frames: about.presentedFrames, at: about.presentationTime });
      });
    });
  window.benchPresented = async (windowMs) => {
    const videos = [...document.querySelectorAll('video')];
    const before = await Promise.all(videos.map(look));
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    const after = await Promise.all(videos.map(look));
    const rates = before.map((first, n) => {
      const last = after[n];
      if (first === null || last === null) return 0;
      return ((last.frames - first.frames) * 1000) / (last.at - first.at);
    });
    return { videos: videos.length, perSecond: rates.reduce((sum, rate) => sum + rate, 0) };
  };
  window.benchPlain = (base64, count) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
    const side = Math.ceil(Math.sqrt(count));
    document.body.style.cssText = `margin:0;height:100vh;display:grid;grid-template-columns:repeat(${side},1fr);background:#000`;
    for (let n = 0; n < count; n += 1) {
      const video = document.createElement('video');
      Object.assign(video, { src: url, muted: true, loop: true, autoplay: true, playsInline: true });
      video.style.cssText = 'width:100%;height:100%;object-fit:contain;min-height:0';
      document.body.append(video);
    }
  };
})();
