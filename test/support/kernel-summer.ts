import { KernelSummer } from '../../src/frame/kernel-summer';
import { compileKernels } from '../../src/inference/kernels/code';

/** The summer of our kernels. */
export async function openKernelSummer(): Promise<KernelSummer> {
  return new KernelSummer((await compileKernels(false)) as WebAssembly.Module);
}
