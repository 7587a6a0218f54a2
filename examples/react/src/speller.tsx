import { useFingerspell } from 'asl-fingerspell/react';

/** Common words first: the word being spelled is completed from them. */
const WORDS = ['hello', 'help', 'name', 'please', 'thanks', 'water', 'where', 'yes'];

export function Speller() {
  const { videoRef, status, error, letter, text, suggestions, start, stop, space, backspace, clear, accept } =
    useFingerspell({ autoStart: false, region: 'hand', speller: { words: WORDS } });
  const isOn = status === 'running' || status === 'paused';

  return (
    <main>
      <h1>Fingerspell with React</h1>
      <video ref={videoRef} className="mirrored" muted playsInline aria-label="Camera picture" />
      <p className="letter" data-letter={letter ?? ''}>
        {letter?.toUpperCase() ?? '–'}
      </p>
      <p role="status">{error?.message ?? (status === 'loading' ? 'Getting ready …' : text.toUpperCase())}</p>
      <p>
        {suggestions.map((word) => (
          <button key={word} type="button" onClick={() => accept(word)}>
            {word}
          </button>
        ))}
      </p>
      <button type="button" disabled={status === 'loading'} onClick={isOn ? stop : start}>
        {isOn ? 'Stop' : 'Start'}
      </button>
      <button type="button" onClick={space}>
        Space
      </button>
      <button type="button" onClick={backspace}>
        Delete
      </button>
      <button type="button" onClick={clear}>
        Clear
      </button>
    </main>
  );
}
