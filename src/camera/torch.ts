import { FingerspellError } from '../errors';

/** Whether the camera has a lamp that a page may switch. Browsers that cannot say so cannot switch it either. */
export function hasTorch(track: MediaStreamTrack): boolean {
  // Not in the types: a flag in some browsers, the list of possible values in others.
  const { torch } = (track.getCapabilities?.() ?? {}) as { torch?: boolean | readonly boolean[] };
  return Array.isArray(torch) ? torch.includes(true) : torch === true;
}

/** Switches the lamp. */
export async function switchTorch(track: MediaStreamTrack, isOn: boolean): Promise<void> {
  if (!hasTorch(track))
    throw new FingerspellError(
      'camera-unsupported',
      'This camera has no lamp that a page can switch. Look at `hasTorch` first.',
    );
  try {
    await track.applyConstraints({ advanced: [{ torch: isOn } as MediaTrackConstraintSet] });
  } catch (cause) {
    throw new FingerspellError('camera-busy', 'The lamp of the camera could not be switched. Try again.', { cause });
  }
}
