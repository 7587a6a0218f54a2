// The peers' side of the benchmarks: what they are fed, and how a caller would call them.
import type { Preprocessor } from '../src/frame/preprocess';
import { centerRect, viewOfRect } from '../src/frame/region';
import { readFrame } from '../src/frame/source';
import type { FrameSource } from '../src/types';

/** What is used of onnxruntime-web. */
export interface Ort {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: string | undefined } };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OrtSession>;
  };
}

interface OrtSession {
  readonly outputNames: readonly string[];
  run(feeds: object): Promise<Record<string, { readonly data: Float32Array }>>;
  release(): Promise<void>;
}

/** What is used of `@mediapipe/tasks-vision`. */
export interface TasksVision {
  readonly FilesetResolver: { forVisionTasks(folder: string): Promise<object> };
  readonly HandLandmarker: {
    createFromOptions(
      fileset: object,
      options: object,
    ): Promise<{
      detectForVideo(video: HTMLVideoElement, ms: number): { readonly landmarks: readonly object[] };
      close(): void;
    }>;
  };
}

/** The network in onnxruntime-web on one WASM thread, fed by our own preprocessing. */
export async function createOnnxReader(ort: Ort, model: Uint8Array, size: number, preprocessor: Preprocessor) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const [first] = session.outputNames as [string];
  return {
    /** The network's first output for the centre square, before softmax. */
    async classify(source: FrameSource): Promise<Float32Array> {
      const frame = readFrame(source);
      const { width, height } = frame;
      const view = viewOfRect(centerRect(width, height), width, height);
      const input = preprocessor.normalize(await preprocessor.take(frame, view, false));
      const outputs = await session.run({ input: new ort.Tensor('float32', input, [1, size, size, 3]) });
      return (outputs[first] as { data: Float32Array }).data;
    },
    dispose: () => session.release(),
  };
}

/** MediaPipe's joints of one hand, on the CPU. */
export async function createHandLandmarker({ FilesetResolver, HandLandmarker }: TasksVision, folder: string) {
  const fileset = await FilesetResolver.forVisionTasks(`${folder}wasm`);
  const landmarker = await HandLandmarker.createFromOptions(fileset, {
    baseOptions: { modelAssetPath: `${folder}hand.task`, delegate: 'CPU' },
    runningMode: 'VIDEO',
    numHands: 1,
  });
  return {
    /** How many hands it found. */
    async find(video: HTMLVideoElement): Promise<number> {
      return landmarker.detectForVideo(video, performance.now()).landmarks.length;
    },
    dispose: () => landmarker.close(),
  };
}
