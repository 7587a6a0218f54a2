// The declaration of the README, by which TSX knows the tag.
import type { FingerspellElement } from 'asl-fingerspell/element';
import type { HTMLAttributes, RefAttributes } from 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'asl-fingerspell': HTMLAttributes<FingerspellElement> &
        RefAttributes<FingerspellElement> &
        Partial<Omit<FingerspellElement, keyof HTMLElement>>;
    }
  }
}

export const tag = (
  <asl-fingerspell
    className="wide"
    region="hand"
    letters={['a', 'b']}
    mirror
    options={{ speller: { words: ['cab'] } }}
    ref={(element) => void element?.start()}
  />
);

// @ts-expect-error a region is no number
export const wrong = <asl-fingerspell region={7} />;
