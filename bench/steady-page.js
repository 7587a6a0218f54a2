// The page of bench/steady.ts: the library as it is published, and what a loop of an app would do with it.
const memories = new Set();
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const result = await original.apply(WebAssembly, given);
    const imported = Object.values(given[1] ?? {}).flatMap((group) => Object.values(group));
    for (const part of [...Object.values((result.instance ?? result).exports), ...imported]) {
      if (part instanceof WebAssembly.Memory) memories.add(part);
    }
    return result;
  };
}
const { FingerspellRecognizer } = await import('./lib/asl-fingerspell.esm.js');

let video;
let recognizer;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

window.steady = {
  async open(options) {
    video = document.body.appendChild(document.createElement('video'));
    Object.assign(video, { muted: true, playsInline: true });
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30 } });
    await video.play();
    recognizer = await FingerspellRecognizer.load({ backend: 'wasm', ...options });
    if (options.worker && !recognizer.runtime.worker) throw new Error(recognizer.runtime.reason);
    await window.steady.classify(10);
    await sleep(500);
  },
  play: (seconds) => sleep(seconds * 1000),
  async classify(count) {
    for (let i = 0; i < count; i++) await recognizer.classify(video);
  },
  /** Milliseconds a classification by each of `count` recognisers in turn, after some that do not count. */
  async several(count, frames) {
    const all = [recognizer];
    while (all.length < count) all.push(await FingerspellRecognizer.load({ backend: 'wasm' }));
    const times = [];
    for (let i = -10; i < frames; i++) {
      for (const each of all) {
        const start = performance.now();
        await each.classify(video);
        if (i >= 0) times.push(performance.now() - start);
      }
      await sleep(0);
    }
    for (const each of all.slice(1)) each.dispose();
    return times;
  },
  wasmBytes: () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
  /** Classifies for so long: at full speed, or `perSecond` frames and no more than one at a time. */
  async run(seconds, perSecond) {
    const longTasks = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration));
    });
    observer.observe({ type: 'longtask' });
    const gaps = [];
    let last = performance.now();
    let isOver = false;
    const tick = (now) => {
      gaps.push(now - last);
      last = now;
      if (!isOver) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < seconds * 1000) {
      await recognizer.classify(video);
      count++;
      // A turn of the event loop, as a page has one between frames.
      const due = perSecond > 0 ? start + (count * 1000) / perSecond - performance.now() : 0;
      await sleep(Math.max(0, due));
    }
    isOver = true;
    observer.disconnect();
    return { count, longTasks, gaps };
  },
};
