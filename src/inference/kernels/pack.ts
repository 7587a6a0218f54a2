import type { Constant } from '../plan';
import { BLOCK } from './layout';

/**
 * The weights of a product in panels of 8 outputs, each what a kernel reads from its first byte to its last: 8 biases,
 * then for each input 8 weights. Outputs that fill up the last panel are zero, and so are inputs that fill up a block.
 *
 * @param weights - `[…, inputs, outputs]`
 * @param isPadded - whether inputs come in blocks of 8
 */
export function packPanels(weights: Constant, bias: Constant, isPadded: boolean): Float32Array {
  const [inputs = 1, outputs = 1] = weights.shape.slice(-2);
  const places = weights.values.length / (inputs * outputs);
  const depth = isPadded ? Math.ceil(inputs / BLOCK) * BLOCK : inputs;
  const panels = Math.ceil(outputs / BLOCK);
  const panelLength = (1 + places * depth) * BLOCK;
  const packed = new Float32Array(panels * panelLength);
  for (let panel = 0; panel < panels; panel++) {
    const first = panel * BLOCK;
    const count = Math.min(BLOCK, outputs - first);
    const start = panel * panelLength;
    packed.set(bias.values.subarray(first, first + count), start);
    for (let place = 0; place < places; place++) {
      for (let input = 0; input < inputs; input++) {
        const from = (place * inputs + input) * outputs + first;
        const to = start + (1 + place * depth + input) * BLOCK;
        for (let i = 0; i < count; i++) packed[to + i] = weights.values[from + i] as number;
      }
    }
  }
  return packed;
}

/**
 * A depthwise filter in blocks of 8 channels: 8 biases, then for each place in the window 8 weights.
 *
 * @param filter - `[height, width, channels, 1]`
 */
export function packFilter(filter: Constant, bias: Constant): Float32Array {
  const channels = bias.values.length;
  const places = filter.values.length / channels;
  const blocks = Math.ceil(channels / BLOCK);
  const blockLength = (1 + places) * BLOCK;
  const packed = new Float32Array(blocks * blockLength);
  for (let channel = 0; channel < channels; channel++) {
    const at = Math.floor(channel / BLOCK) * blockLength + (channel % BLOCK);
    packed[at] = bias.values[channel] as number;
    for (let place = 0; place < places; place++) {
      packed[at + (1 + place) * BLOCK] = filter.values[place * channels + channel] as number;
    }
  }
  return packed;
}
