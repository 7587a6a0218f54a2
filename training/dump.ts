import { readFileSync } from 'node:fs';
import path from 'node:path';

interface DumpedLayer {
  readonly name: string;
  readonly kind: 'conv' | 'depthwise' | 'dense' | 'maxpool' | 'add' | 'gap';
  readonly inputs: readonly string[];
  readonly activation: 'linear' | 'relu' | 'relu6' | 'softmax';
  readonly kernel?: number;
  readonly stride?: number;
  readonly padding?: 'same' | 'valid';
  readonly weight?: string;
  readonly bias?: string | null;
  readonly bn?: BatchNorm | null;
}

/** Names of the tensors of a batch norm, and its ε. */
export interface BatchNorm {
  readonly gamma: string;
  readonly beta: string;
  readonly mean: string;
  readonly variance: string;
  readonly epsilon: number;
}

interface Block {
  readonly shape: readonly number[];
  readonly offset: number;
}

interface DumpJson {
  readonly format: number;
  readonly input_size: number;
  readonly input_range: readonly [number, number];
  readonly rgb_mean?: readonly number[] | null;
  readonly labels: readonly string[];
  readonly no_hand_index: number | null;
  /** Whose weights the run began with. */
  readonly began_in?: string | null;
  readonly training_run: string;
  readonly checkpoint: string;
  readonly epoch: number;
  readonly samples: number;
  readonly confusion: { readonly pictures: number; readonly rates: readonly (readonly number[])[] } | null;
  readonly temperature: number;
  readonly outputs: readonly string[];
  readonly layers: readonly DumpedLayer[];
  readonly tensors: readonly (Block & { readonly name: string })[];
  readonly parity: {
    readonly file: string;
    readonly count: number;
    readonly size: number;
    readonly paths: readonly string[];
    readonly images: Block;
    readonly logits: Block;
    readonly joints: Block | null;
  } | null;
}

/** A layer of the trained network. */
export type Layer = DumpedLayer;

/** A tensor in TensorFlow's layout. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Pictures and what PyTorch says about them. */
export interface Parity {
  readonly size: number;
  readonly images: readonly Uint8Array[];
  readonly logits: readonly Float32Array[];
  /** `null` for a network without joints. */
  readonly joints: readonly Float32Array[] | null;
}

/** A trained network as `dump.py` writes it (its docstring is the format). */
export interface Dump {
  readonly json: DumpJson;
  tensor(name: string): Tensor;
  readonly parity: Parity | null;
}

/** Reads the folder that `dump.py` wrote. */
export function readDump(folder: string): Dump {
  const json = JSON.parse(readFileSync(path.join(folder, 'dump.json'), 'utf8')) as DumpJson;
  if (json.format !== 1)
    throw new Error(`${folder}/dump.json has format ${json.format}; this exporter reads format 1.`);
  const weights = readBuffer(path.join(folder, 'weights.bin'));
  const tensors = new Map(json.tensors.map((tensor) => [tensor.name, tensor]));
  return {
    json,
    tensor(name) {
      const entry = tensors.get(name);
      if (!entry) throw new Error(`${folder} has no tensor "${name}".`);
      const size = entry.shape.reduce((a, b) => a * b, 1);
      return { shape: entry.shape, values: new Float32Array(weights, entry.offset, size) };
    },
    parity: json.parity && readParity(folder, json.parity),
  };
}

function readParity(folder: string, json: NonNullable<DumpJson['parity']>): Parity {
  const buffer = readBuffer(path.join(folder, json.file));
  const rows = <T>(block: Block, make: (offset: number, length: number) => T, bytes: number): T[] => {
    const length = block.shape.slice(1).reduce((a, b) => a * b, 1);
    return Array.from({ length: json.count }, (_, i) => make(block.offset + i * length * bytes, length));
  };
  const floats = (offset: number, length: number) => new Float32Array(buffer.slice(offset, offset + length * 4));
  return {
    size: json.size,
    images: rows(json.images, (offset, length) => new Uint8Array(buffer, offset, length), 1),
    logits: rows(json.logits, floats, 4),
    joints: json.joints && rows(json.joints, floats, 4),
  };
}

function readBuffer(file: string): ArrayBuffer {
  const bytes = readFileSync(file);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
