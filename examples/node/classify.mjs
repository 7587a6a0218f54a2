// Reads letters from picture files: node classify.mjs [--region center|full|hand|x,y,width,height] [--top N] FILE…
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { FingerspellRecognizer, isFingerspellError } from 'asl-fingerspell';
import { decode } from './picture.mjs';

const USAGE = `Usage: classify [--region center|full|hand|x,y,width,height] [--top N] FILE…
Prints the most likely letters of JPEG and PNG pictures. The region is in fractions of the picture.`;

async function main() {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      region: { type: 'string', default: 'center' },
      top: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  if (files.length === 0) return fail(USAGE);
  const recognizer = await FingerspellRecognizer.load({ region: readRegion(values.region), topK: Number(values.top) });
  for (const file of files) {
    try {
      console.log(describe(file, await recognizer.classify(decode(await readFile(file)))));
    } catch (error) {
      fail(`${file}: ${explain(error)}`);
    }
  }
  recognizer.dispose();
}

/** A named region as it is, numbers as a rectangle. */
function readRegion(text) {
  if (!text.includes(',')) return text;
  const [x, y, width, height] = text.split(',').map(Number);
  return { x, y, width, height };
}

function describe(file, { letter, confidence, noHand, predictions }) {
  const answer = letter ? letter.toUpperCase() : noHand > confidence ? 'no letter' : 'not sure';
  const top = predictions.map((p) => `${p.letter.toUpperCase()} ${percent(p.probability)}`).join('   ');
  return `${file}: ${answer}\n    ${top}   (no letter ${percent(noHand)})`;
}

function percent(probability) {
  return `${(100 * probability).toFixed(1)} %`;
}

function explain(error) {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EISDIR') return 'it is a folder, not a picture';
  if (error.code === 'EACCES') return 'it may not be read';
  return isFingerspellError(error) ? error.message : `it could not be read: ${error.message}`;
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

await main().catch((error) => fail(error.message));
