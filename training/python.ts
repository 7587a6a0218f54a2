import { spawnSync } from 'node:child_process';

// Debian's python3-torch belongs to /usr/bin/python3, which another Python on the path may hide.
const CANDIDATES = [process.env['PYTHON'], '/usr/bin/python3', 'python3', 'python'];

/** A Python with PyTorch. */
export function findPython(): string {
  for (const python of CANDIDATES) {
    if (python && spawnSync(python, ['-c', 'import torch, PIL'], { stdio: 'ignore' }).status === 0) return python;
  }
  throw new Error(
    'Training needs Python with PyTorch and Pillow. On Debian: apt-get install python3-torch libopenblas0-pthread ' +
      'python3-pil. Elsewhere: pip install torch pillow numpy, and name that Python in the variable PYTHON.',
  );
}
