import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// Tables are written as https://github.com/tensorflow/tflite-support (metadata_schema.fbs) numbers their fields.
interface Builder {
  createString(text: string): number;
  startVector(size: number, count: number, alignment: number): void;
  addFloat32(value: number): void;
  addOffset(offset: number): void;
  endVector(): number;
  startObject(fields: number): void;
  addFieldInt8(field: number, value: number, fallback: number): void;
  addFieldOffset(field: number, offset: number, fallback: number): void;
  endObject(): number;
  finish(root: number, identifier: string): void;
  asUint8Array(): Uint8Array;
}

const require = createRequire(path.resolve('bench/peers/package.json'));

/**
 * The bundle that MediaPipe's HandLandmarker takes, which its package does not bring. Its two networks are in
 * `@mediapipe/hands`, without the note that tells the task how pixels become numbers.
 *
 * @returns names and bytes, to be stored in a zip file
 */
export function readHandNetworks(): Record<string, Uint8Array> {
  const folder = path.resolve('bench/peers/node_modules/@mediapipe/hands');
  const packed = readFileSync(`${folder}/hands_solution_packed_assets.data`);
  const index = readFileSync(`${folder}/hands_solution_packed_assets_loader.js`, 'utf8');
  const [, start, end] = /palm_detection_full\.tflite", "start": (\d+), "end": (\d+)/.exec(index) ?? [];
  return {
    'hand_detector.tflite': describe(packed.subarray(Number(start), Number(end))),
    'hand_landmarks_detector.tflite': describe(readFileSync(`${folder}/hand_landmark_full.tflite`)),
  };
}

/** Adds to a network that its input is an RGB picture of 0 to 1. */
function describe(model: Uint8Array): Uint8Array {
  return addMetadata(model, makeMetadata());
}

function makeMetadata(): Uint8Array {
  const { Builder } = require('flatbuffers') as { Builder: new (size: number) => Builder };
  const builder = new Builder(512);
  const floats = (value: number): number => {
    builder.startVector(4, 1, 4);
    builder.addFloat32(value);
    return builder.endVector();
  };
  const listOf = (offset: number): number => {
    builder.startVector(4, 1, 4);
    builder.addOffset(offset);
    return builder.endVector();
  };
  const table = (fields: number, write: () => void): number => {
    builder.startObject(fields);
    write();
    return builder.endObject();
  };
  const [mean, deviation] = [floats(0), floats(255)];
  const normalization = table(2, () => {
    builder.addFieldOffset(0, mean, 0);
    builder.addFieldOffset(1, deviation, 0);
  });
  const unit = table(2, () => {
    builder.addFieldInt8(0, 1, 0);
    builder.addFieldOffset(1, normalization, 0);
  });
  const units = listOf(unit);
  const image = table(2, () => builder.addFieldInt8(0, 1, 0));
  const content = table(3, () => {
    builder.addFieldInt8(0, 2, 0);
    builder.addFieldOffset(1, image, 0);
  });
  const tensor = table(7, () => {
    builder.addFieldOffset(3, content, 0);
    builder.addFieldOffset(4, units, 0);
  });
  const inputs = listOf(tensor);
  const subgraph = table(9, () => builder.addFieldOffset(2, inputs, 0));
  const subgraphs = listOf(subgraph);
  builder.finish(
    table(8, () => builder.addFieldOffset(3, subgraphs, 0)),
    'M001',
  );
  return builder.asUint8Array();
}

// Fields of a TFLite model's root table.
const BUFFERS = 4;
const METADATA = 6;
const FIELDS = 8;

/**
 * A FlatBuffer's references point forward only: so a new root goes before the old bytes, and refers to all of them
 * except the lists that grow.
 */
function addMetadata(model: Uint8Array, metadata: Uint8Array): Uint8Array {
  const old = new DataView(model.buffer, model.byteOffset, model.byteLength);
  const at = (offset: number): number => offset + old.getUint32(offset, true);
  const root = at(0);
  const vtable = root - old.getInt32(root, true);
  const fieldOf = (field: number): number => {
    const place = 4 + 2 * field;
    const offset = place < old.getUint16(vtable, true) ? old.getUint16(vtable + place, true) : 0;
    return offset === 0 ? 0 : root + offset;
  };
  const listOf = (field: number): number[] => {
    const place = fieldOf(field);
    if (place === 0) return [];
    const list = at(place);
    return Array.from({ length: old.getUint32(list, true) }, (_, i) => at(list + 4 + 4 * i));
  };
  const buffers = listOf(BUFFERS);
  const entries = listOf(METADATA);
  const name = new TextEncoder().encode('TFLITE_METADATA');

  // Where everything goes: header, vtables, root, lists, then what they refer to, then the old bytes.
  const size = { vtable: 4 + 2 * FIELDS, root: 4 + 4 * FIELDS, small: 8 };
  let end = 8;
  const place = (bytes: number, alignment = 4): number => {
    const start = Math.ceil(end / alignment) * alignment;
    end = start + bytes;
    return start;
  };
  const places = {
    rootVtable: place(size.vtable),
    bufferVtable: place(6),
    entryVtable: place(8),
    root: place(size.root),
    buffers: place(4 + 4 * (buffers.length + 1)),
    entries: place(4 + 4 * (entries.length + 1)),
    buffer: place(8),
    entry: place(12),
    name: place(4 + name.length + 1),
    data: place(4 + metadata.length + 12, 4),
  };
  // The bytes of weights stay aligned as they were.
  const shift = Math.ceil(end / 64) * 64;
  const bytes = new Uint8Array(shift + model.length);
  bytes.set(model, shift);
  const view = new DataView(bytes.buffer);
  const u16 = (offset: number, ...values: number[]): void => {
    for (const [i, value] of values.entries()) view.setUint16(offset + 2 * i, value, true);
  };
  const refer = (from: number, to: number): void => view.setUint32(from, to - from, true);

  refer(0, places.root);
  bytes.set(model.subarray(4, 8), 4);
  u16(places.rootVtable, size.vtable, size.root);
  view.setInt32(places.root, places.root - places.rootVtable, true);
  for (let field = 0; field < FIELDS; field++) {
    const own = places.root + 4 + 4 * field;
    const source = fieldOf(field);
    const isNew = field === BUFFERS || field === METADATA;
    if (source === 0 && !isNew) continue;
    u16(places.rootVtable + 4 + 2 * field, own - places.root);
    // The version is a number; all else refers.
    if (field === 0) view.setUint32(own, old.getUint32(source, true), true);
    else if (isNew) refer(own, field === BUFFERS ? places.buffers : places.entries);
    else refer(own, at(source) + shift);
  }
  const writeList = (list: number, items: readonly number[], added: number): void => {
    view.setUint32(list, items.length + 1, true);
    for (const [i, item] of items.entries()) refer(list + 4 + 4 * i, item + shift);
    refer(list + 4 + 4 * items.length, added);
  };
  writeList(places.buffers, buffers, places.buffer);
  writeList(places.entries, entries, places.entry);
  u16(places.bufferVtable, 6, 8, 4);
  view.setInt32(places.buffer, places.buffer - places.bufferVtable, true);
  // The data of a buffer starts at a multiple of 16.
  const data = Math.ceil((places.data + 4) / 16) * 16 - 4;
  refer(places.buffer + 4, data);
  view.setUint32(data, metadata.length, true);
  bytes.set(metadata, data + 4);
  u16(places.entryVtable, 8, 12, 4, 8);
  view.setInt32(places.entry, places.entry - places.entryVtable, true);
  refer(places.entry + 4, places.name);
  view.setUint32(places.entry + 8, buffers.length, true);
  view.setUint32(places.name, name.length, true);
  bytes.set(name, places.name + 4);
  return bytes;
}
