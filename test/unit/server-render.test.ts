import { FingerspellReader } from 'asl-fingerspell/dom';
import { useFingerspell } from 'asl-fingerspell/react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it, vi } from 'vitest';

function Speller() {
  const { videoRef, status, error, letter, text, suggestions, prediction } = useFingerspell({ frames: true });
  const shown = JSON.stringify({ status, error, letter, text, suggestions, prediction });
  return createElement('p', null, createElement('video', { ref: videoRef, muted: true }), shown.replaceAll('"', ''));
}

it('useFingerspell renders on a server, where there is no page and no camera, and says nothing there', () => {
  const log = vi.spyOn(console, 'error');
  const warn = vi.spyOn(console, 'warn');
  const expected = '{status:idle,error:null,letter:null,text:,suggestions:[],prediction:null}';
  expect(renderToString(createElement(Speller))).toBe(`<p><video muted=""></video>${expected}</p>`);
  expect(log).not.toHaveBeenCalled();
  expect(warn).not.toHaveBeenCalled();
});

it('FingerspellReader can be imported where there is no page', () => {
  expect(FingerspellReader.prototype).toBeInstanceOf(EventTarget);
});
