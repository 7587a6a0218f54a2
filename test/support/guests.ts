import { type BackendName, FingerspellRecognizer } from 'asl-fingerspell';
import { expect } from 'vitest';
import { type Folder, planFolders } from './folders';
import { fallbackFolders } from './odd-folders';
import { drawPicture } from './pictures';

type Core = typeof import('@tensorflow/tfjs-core');

const picture = drawPicture(40, 30, 8);

/** One folder for the plan and one for the fallback. */
export function guestFolders(): Record<'plan' | 'fallback', Folder> {
  const plan = planFolders().find(({ name }) => name === 'the tutorial, 26 letters');
  const fallback = fallbackFolders().find(({ name }) => name.endsWith('squeeze and excite'));
  return { plan: plan as Folder, fallback: fallback as Folder };
}

/**
 * An app that keeps tensors, computes and changes its backend while our frames run: neither side may notice the other.
 *
 * @param others - backends that the app changes to and back from, between and during our frames
 * @returns the largest change of our probabilities meanwhile
 */
export async function visit(
  core: Core,
  folder: Folder,
  backend: BackendName,
  app: string,
  others: readonly string[],
): Promise<number> {
  await core.setBackend(app);
  const kept = core.tensor2d([1, 2, 3, 4], [2, 2]);
  const compute = (): number[] =>
    core.tidy(() =>
      Array.from(core.relu(core.matMul(kept, core.sub(kept, 2))).dataSync(), (x) => Math.round(x * 1e4) / 1e4),
    );
  const wanted = compute();
  const count = () => {
    const { numTensors, numDataBuffers } = core.memory();
    return { numTensors, numDataBuffers };
  };
  const before = count();
  const check = (): void => {
    expect(core.getBackend()).toBe(app);
    expect(compute()).toEqual(wanted);
    expect(count()).toEqual(before);
  };
  const recognizer = await FingerspellRecognizer.load({ model: folder.files, backend });
  check();
  const alone = (await recognizer.classify(picture)).probabilities;
  check();
  let worst = 0;
  for (const other of others) {
    const calls = [recognizer.classify(picture), recognizer.classify(picture)];
    await core.setBackend(other);
    calls.push(recognizer.classify(picture));
    expect(core.getBackend()).toBe(other);
    expect(compute()).toEqual(wanted);
    await Promise.resolve();
    await core.setBackend(app);
    calls.push(recognizer.classify(picture));
    check();
    for (const { probabilities } of await Promise.all(calls)) {
      worst = Math.max(worst, ...probabilities.map((p, i) => Math.abs(p - (alone[i] as number))));
      expect(probabilities).toEqual(alone);
    }
    check();
  }
  recognizer.dispose();
  check();
  kept.dispose();
  return worst;
}

/** Recognisers of both kinds on different backends at once; one is disposed of while the others work. */
export async function shareAPage(backends: readonly BackendName[]): Promise<void> {
  const folders = Object.values(guestFolders()).flatMap((folder) => backends.map((backend) => ({ folder, backend })));
  const load = ({ folder, backend }: (typeof folders)[number]) =>
    FingerspellRecognizer.load({ model: folder.files, backend });
  const alone: (readonly number[])[] = [];
  for (const one of folders) {
    const recognizer = await load(one);
    alone.push((await recognizer.classify(picture)).probabilities);
    recognizer.dispose();
  }
  const all = await Promise.all([...folders, ...folders].map(load));
  const answers = await Promise.all(all.map((recognizer) => recognizer.classify(picture)));
  for (const [i, { probabilities }] of answers.entries()) expect(probabilities).toEqual(alone[i % folders.length]);
  const calls = all.map((recognizer) => recognizer.classify(picture));
  const [gone, ...left] = all;
  gone?.dispose();
  await expect(calls[0]).rejects.toMatchObject({ code: 'disposed' });
  for (const [i, call] of calls.entries())
    if (i > 0) expect((await call).probabilities).toEqual(alone[i % folders.length]);
  for (const recognizer of left) {
    await recognizer.classify(picture);
    recognizer.dispose();
  }
}

/** Frames of the fallback leave as many tensors as they find: none of them is the app's to count. */
export async function stayLevel(backend: BackendName, heapBytes: () => number): Promise<void> {
  const recognizer = await FingerspellRecognizer.load({ model: guestFolders().fallback.files, backend });
  for (let i = 0; i < 10; i++) await recognizer.classify(picture);
  const early = heapBytes();
  for (let i = 0; i < 200; i++) await recognizer.classify(picture);
  expect(heapBytes()).toBe(early);
  recognizer.dispose();
}
