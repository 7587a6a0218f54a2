/** As in public/service-worker.js. */
const KEPT = 'fingerspell';

/**
 * Makes the page work without a network from now on: page, library, model and WASM. To be called when the model is
 * loaded, since what came before the service worker was there is kept here.
 */
export async function keepForOffline(): Promise<void> {
  try {
    await navigator.serviceWorker.register('./service-worker.js');
    await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    const own = [location.href, ...loaded].filter((url) => new URL(url).origin === location.origin);
    const kept = await caches.open(KEPT);
    // One by one: a file that cannot be kept does not keep the others out. What the browser has is not fetched again.
    await Promise.allSettled(own.map((url) => kept.add(new Request(url, { cache: 'force-cache' }))));
    document.documentElement.dataset['offline'] = 'ready';
  } catch {
    // No service workers here (an insecure page, a private window): the page needs its network as before.
  }
}
