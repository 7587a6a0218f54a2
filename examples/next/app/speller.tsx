'use client';

import { useFingerspell } from 'asl-fingerspell/react';

export function Speller() {
  const { videoRef, status, error, letter, text, start, stop } = useFingerspell({ autoStart: false, region: 'hand' });
  const isOn = status === 'running' || status === 'paused';
  return (
    <>
      <video ref={videoRef} muted playsInline aria-label="Camera picture" style={{ transform: 'scaleX(-1)' }} />
      <p data-letter={letter ?? ''}>{letter?.toUpperCase() ?? '–'}</p>
      <p role="status">{error?.message ?? text.toUpperCase()}</p>
      <button type="button" disabled={status === 'loading'} onClick={isOn ? stop : start}>
        {isOn ? 'Stop' : 'Start'}
      </button>
    </>
  );
}
