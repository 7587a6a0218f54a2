// Turns a checkpoint into the model folder that the library ships.
//
//   npm run export -- CHECKPOINT --out DIR [--data DIR] [--parity N] [--temperature T] [--float32]
//   npm run export -- --dump DIR --out DIR        (a folder that training/dump.py wrote before)
//
// Proves on the way that both stacks compute the same: PyTorch's logits against the unquantised folder, run by the
// library's own plan in Node, must agree within 1e-3; and the quantised folder must give the same top letter on at
// least 99 % of the pictures. With --float32 the unquantised folder is written, four times as large. What was compared
// is recorded in training/results/ for the shipped model alone.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Dump, readDump } from './dump';
import { type LayersModel, writeKeras } from './keras';
import { compareWithTrainer, type ParityReport } from './parity';
import { findPython } from './python';

const MAX_LOGIT_DIFFERENCE = 1e-3;
const MIN_TOP_1_AGREEMENT = 0.99;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dump: { type: 'string' },
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string' },
    parity: { type: 'string', default: '400' },
    temperature: { type: 'string' },
    float32: { type: 'boolean', default: false },
  },
});

const { out } = options;
if (!out) throw new Error('Name the folder to write with --out; the one that ships is model.');
if (options.dump && (positionals.length > 0 || options.temperature)) {
  throw new Error('A dump has its checkpoint and temperature already: leave them out, or --dump.');
}
const dump = options.dump ? readDump(options.dump) : dumpCheckpoint(positionals[0]);
const metadata = describe(dump);
const exact = writeKeras(dump, false);
const quantized = writeKeras(dump, true);
const written = options.float32 ? exact : quantized;
const report = dump.parity && (await checkParity(dump, exact, written));
writeFolder(out, written, metadata);
const isShipped = path.resolve(out) === path.resolve('model');
if (dump.json.began_in && !isShipped) writeNotice(out);
if (report && isShipped) {
  mkdirSync('training/results', { recursive: true });
  writeFileSync('training/results/export-parity.json', `${JSON.stringify(report, null, 2)}\n`);
}
console.log(`${out}: ${written.weights.length} bytes of weights, run ${dump.json.training_run}`);

function dumpCheckpoint(checkpoint: string | undefined): Dump {
  if (!checkpoint) throw new Error('Name a checkpoint (a .pt file), or a dump with --dump.');
  if (!existsSync(options.data))
    throw new Error(`There is no folder ${options.data}: name that of the pictures with --data.`);
  const folder = mkdtempSync(path.join(tmpdir(), 'fingerspell-dump-'));
  const temperature = options.temperature ? ['--temperature', options.temperature] : [];
  const parity = ['--data', options.data, '--parity', options.parity];
  try {
    const given = ['training/dump.py', checkpoint, folder, ...parity, ...temperature];
    execFileSync(findPython(), given, { stdio: 'inherit' });
    return readDump(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describe({ json }: Dump): Record<string, unknown> {
  const numbered = json.labels.map((label, index) => [label, index] as const);
  const [low, high] = json.rgb_mean ? [0, 1] : json.input_range;
  return {
    alphabet2int: Object.fromEntries(numbered),
    int2alphabet: Object.fromEntries(numbered.map(([label, index]) => [String(index), label])),
    image_size: json.input_size,
    RGB_mean: json.rgb_mean ?? [0, 0, 0],
    ...(low === 0 && high === 1 ? {} : { input_range: [low, high] }),
    no_hand_index: json.no_hand_index,
    hand_output: json.outputs.length > 1 ? 1 : null,
    temperature: json.temperature,
    training_run: json.training_run,
    checkpoint: json.checkpoint,
    samples: json.samples,
    ...(json.confusion && { confusion: json.confusion.rates }),
  };
}

async function checkParity(source: Dump, plain: LayersModel, small: LayersModel): Promise<ParityReport> {
  const found = await compareWithTrainer(source, plain, small, metadata);
  console.log(found);
  if (!(found.maxLogitDifference <= MAX_LOGIT_DIFFERENCE)) {
    throw new Error(`The unquantised folder differs from PyTorch by ${found.maxLogitDifference} in a logit.`);
  }
  if (!(found.quantizedTop1Agreement >= MIN_TOP_1_AGREEMENT)) {
    throw new Error(
      `Quantised, only ${found.quantizedTop1Agreement} of the top letters stay the same; --float32 rounds nothing.`,
    );
  }
  return found;
}

function writeFolder(folder: string, model: LayersModel, about: Record<string, unknown>): void {
  mkdirSync(folder, { recursive: true });
  const weights_sha256 = createHash('sha256').update(model.weights).digest('hex');
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model.modelJson));
  // A row of numbers a line.
  const text = JSON.stringify({ ...about, weights_sha256 }, null, 2).replaceAll(
    /\[([\d\s.,-]+)\]/g,
    (_, row: string) => `[${row.trim().replaceAll(/\s+/g, ' ')}]`,
  );
  writeFileSync(path.join(folder, 'metadata.json'), `${text}\n`);
  writeFileSync(path.join(folder, 'group1-shard1of1.bin'), model.weights);
}

/** The licence of the weights that the model began in; the shipped one's is in the package's own notices. */
function writeNotice(folder: string): void {
  const notices = readFileSync('THIRD_PARTY_NOTICES.md', 'utf8');
  const [, own] = notices.split(/^(?=## MediaPipe Hands)/m);
  if (!own) throw new Error('THIRD_PARTY_NOTICES.md has no section on MediaPipe Hands.');
  const text = own.replaceAll('shipped model', 'model').replace(/ \(`dist[^)]*\)/, ' in this folder');
  writeFileSync(path.join(folder, 'THIRD_PARTY_NOTICES.md'), text);
}
