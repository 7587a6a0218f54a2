// Checked by the compiler alone (npm test -- types): what callers may write, and what they may not.
import {
  type Classification,
  FingerspellError,
  type FingerspellErrorCode,
  FingerspellRecognizer,
  type FrameSource,
  isFingerspellError,
  type ModelFiles,
  type RecognizerOptions,
  type Region,
} from 'asl-fingerspell';

export async function everyUse(video: HTMLVideoElement, frame: VideoFrame, files: ModelFiles): Promise<string | null> {
  const options: RecognizerOptions = {
    model: files,
    backend: 'auto',
    topK: undefined,
    threshold: 0.5,
    region: { x: 0, y: 0, width: 1, height: 0.5 },
    letters: ['a', 'b'] as const,
    onProgress: ({ phase, loaded, total }) => void [phase, loaded / total],
    onBackendChange: ({ from, to, reason }) => void `${from} ${to} ${reason}`,
    signal: undefined,
    assets: { baseUrl: new URL('https://example.org/'), wasm: undefined },
  };
  const recognizer = await FingerspellRecognizer.load(options);
  const sources: FrameSource[] = [video, frame, { data: new Uint8Array(4), width: 1, height: 1 }];
  const regions: Region[] = ['center', 'full', 'hand'];
  const results: Classification[] = await Promise.all(
    sources.map((source, i) => recognizer.classify(source, { region: regions[i], signal: AbortSignal.timeout(5) })),
  );
  recognizer.dispose();
  return results[0]?.letter ?? null;
}

export function branch(error: unknown): FingerspellErrorCode | null {
  if (error instanceof FingerspellError || isFingerspellError(error)) return error.code;
  return null;
}

export async function mistakes(recognizer: FingerspellRecognizer, result: Classification): Promise<void> {
  // @ts-expect-error: recognisers are loaded, not constructed
  new FingerspellRecognizer();
  // @ts-expect-error: a file's address is no picture
  await recognizer.classify('hand.jpg');
  // @ts-expect-error: there is no such backend
  await FingerspellRecognizer.load({ backend: 'webgpu' });
  // @ts-expect-error: there is no such region
  await recognizer.classify({ data: new Uint8Array(4), width: 1, height: 1 }, { region: 'face' });
  // @ts-expect-error: results are read, not written
  result.letter = 'a';
  // @ts-expect-error: results are read, not written
  result.predictions.push({ letter: 'a', probability: 1 });
}
