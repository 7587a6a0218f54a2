/** Not even asked for: the documents of test runners write an error for each context that they do not have. */
export function probeWebGL() {
  return { hardware: false, available: false, detail: 'no WebGL' };
}
