const waiting: (() => void)[] = [];
let kept: MessagePort | null = null;

/**
 * Resolves in a task of its own. Promises alone never give the page one: whoever awaits picture after picture would keep
 * timers, input and painting waiting, and a signal from firing.
 *
 * A message is as quick as that can be done; a timer would be held back by 4 ms after a few of them.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel === 'undefined') {
      setTimeout(resolve, 0);
      return;
    }
    waiting.push(resolve);
    kept ??= openPort();
    kept.postMessage(null);
  });
}

function openPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  globalThis.addEventListener?.('pageshow', postAgain);
  port1.onmessage = () => {
    // An open port would keep Node running; in a page making one takes longer than the turn.
    if ('process' in globalThis && waiting.length === 1) {
      port1.close();
      kept = null;
    }
    waiting.shift()?.();
  };
  return port2;
}

/** Firefox loses what is under way when the user leaves the page and comes back to it. */
function postAgain(): void {
  for (const _ of waiting) kept?.postMessage(null);
}
