import { type Folder, folderOf } from '../test/support/folders';
import { NetBuilder } from '../test/support/net-builder';

/** Expansion, channels, repeats, stride of the first: table 2 of "MobileNetV2" (arXiv:1801.04381). */
const ROWS = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const SIDE = 128;
const WIDTH = 0.35;
const RELU = { max_value: 6, negative_slope: 0, threshold: 0 };

/** Nearest multiple of 8, never more than a tenth less: as Keras's applications round. */
function channels(count: number): number {
  const scaled = count * WIDTH;
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8);
  return rounded < 0.9 * scaled ? rounded + 8 : rounded;
}

/** MobileNetV2 as Keras builds it, width 0.35 at 128 px, 24 letters, seeded weights: the same for everybody. */
export function referenceNetwork(): Folder {
  const net = new NetBuilder(35, [SIDE, SIDE, 3]);
  const normalize = (count: number): void => {
    net.batchNorm(count);
    net.add('ReLU', RELU);
  };
  let width = channels(32);
  net.conv(3, width, { strides: [2, 2], use_bias: false });
  normalize(width);
  for (const [expansion, count, repeats, first] of ROWS) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? first : 1;
      const before = net.last;
      const inner = width * expansion;
      if (expansion > 1) {
        net.conv(width, inner, { kernel_size: [1, 1], use_bias: false });
        normalize(inner);
      }
      net.depthwise(inner, { strides: [stride, stride] });
      normalize(inner);
      const outer = channels(count);
      net.conv(inner, outer, { kernel_size: [1, 1], use_bias: false });
      const after = net.batchNorm(outer);
      if (stride === 1 && width === outer) net.add('Add', {}, [before, after]);
      width = outer;
    }
  }
  net.conv(width, 1280, { kernel_size: [1, 1], use_bias: false });
  normalize(1280);
  net.add('GlobalAveragePooling2D');
  net.dense(1280, 24);
  return folderOf('MobileNetV2 0.35, 128 px', net, { side: SIDE });
}
