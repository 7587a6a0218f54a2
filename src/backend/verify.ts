import { FingerspellError } from '../errors';
import type { Device } from './device';

/**
 * Lets a device compute something whose answer is known: some graphics drivers lose precision, or return zeros without
 * an error. A 1 × 1 convolution with bias and ReLU6 over four pixels: y = relu6(W·x + b).
 *
 * @throws FingerspellError `backend-unavailable`
 */
export async function verifyDevice(device: Device): Promise<void> {
  const pixels = [1, 2, -3, 0.5, 0.25, -0.125, 10, 20];
  const weights = [0.5, -1, 2, 0.25];
  const bias = [0.1, -0.2];
  const x = device.write(Float32Array.from(pixels), [1, 2, 2, 2]);
  const filter = device.write(Float32Array.from(weights), [1, 1, 2, 2]);
  const shift = device.write(Float32Array.from(bias), [2]);
  const attributes = { strides: [1, 1], dilations: [1, 1], pad: 'same', dataFormat: 'NHWC', activation: 'relu6' };
  const y = device.call('FusedConv2D', { x, filter, bias: shift }, attributes);
  try {
    const got = await device.read(y);
    const wanted = pixels.map((_, i) => {
      const [pixel, channel] = [i >> 1, i & 1];
      const dot = [0, 1].map((k) => (pixels[pixel * 2 + k] ?? 0) * (weights[k * 2 + channel] ?? 0));
      return Math.min(6, Math.max(0, (dot[0] ?? 0) + (dot[1] ?? 0) + (bias[channel] ?? 0)));
    });
    // Half precision (10 bits of fraction) is good enough for this network; wrong numbers are off by far more.
    const isRight =
      got.length === wanted.length && wanted.every((w, i) => Math.abs((got[i] ?? Number.NaN) - w) <= 0.01);
    if (isRight) return;
    throw new FingerspellError(
      'backend-unavailable',
      `The backend "${device.name}" computes wrong numbers on this device. Use another one.`,
    );
  } finally {
    for (const value of [x, filter, shift, y]) device.free(value);
  }
}
