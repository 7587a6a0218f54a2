import { defineFingerspellElement, type FingerspellElement } from 'asl-fingerspell/element';
import { Activity, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { watchCamera } from './support/camera-watch';
import { colourOptions } from './support/colour-model';
import { until } from './support/until';

const cameras = watchCamera();
beforeAll(() => defineFingerspellElement());
afterEach(() => document.body.replaceChildren());

/** React sets the properties of an element that has them, and those that are no longer given to `undefined`. */
function mount() {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  let count = 0;
  const render = async (properties: object): Promise<FingerspellElement> => {
    const mark = String(++count);
    root.render(createElement('asl-fingerspell', { ...properties, 'data-render': mark }));
    const element = () => place.firstElementChild as FingerspellElement;
    await until(() => expect(element().dataset['render']).toBe(mark));
    return element();
  };
  return { render, root };
}

it('takes every property from React, also as the text of its attribute, and loses it again', async () => {
  const { render, root } = mount();
  const options = colourOptions();
  const given = {
    region: '0.1 0.2 0.5 0.5',
    letters: 'a b',
    threshold: 0.5,
    maxFps: 10,
    facingMode: 'environment',
    preview: 'plain',
    controls: 'start',
    mirror: true,
  };
  const element = await render({ ...given, options });
  expect(element).toMatchObject({ ...given, region: { x: 0.1, width: 0.5 }, letters: ['a', 'b'] });
  const bare = { region: null, letters: null, threshold: 0.7, maxFps: 15, facingMode: 'user', preview: 'auto' };
  expect(await render({ options })).toMatchObject({ ...bare, controls: null, mirror: false });
  await element.start();
  await render({ ...given, options });
  await render({ options, autostart: false });
  await until(() => expect([element.status, element.error]).toEqual(['running', null]));
  root.unmount();
});

it('turns no camera on for autostart that is false or left out', async () => {
  const { render, root } = mount();
  await render({ autostart: false, options: colourOptions() });
  const element = await render({ options: colourOptions() });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([element.autostart, element.status, cameras.requests()]).toEqual([false, 'idle', 0]);
  await render({ autostart: true, options: colourOptions() });
  await until(() => expect(element.status).toBe('running'));
  root.unmount();
  await vi.waitFor(() => expect(cameras.liveTracks()).toEqual([]));
});

it('keeps the text of a stopped element when equal options come with the next render', async () => {
  const { render, root } = mount();
  const options = () => ({ ...model, speller: { words: ['cab', 'bac'] }, camera: { width: 320 } });
  const model = colourOptions();
  const element = await render({ options: options() });
  await element.start();
  element.insert('c');
  element.stop();
  await render({ options: options() });
  expect(element.text).toBe('c');
  await render({ options: { ...options(), speller: { words: ['cab'] } } });
  expect(element.text).toBe('');
  root.unmount();
});

it('is stopped and started by its ref where an Activity hides it, of which React tells no element', async () => {
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  const ref = (element: FingerspellElement | null) => {
    element?.start().catch(() => {});
    return () => element?.stop();
  };
  const options = colourOptions();
  const render = (mode: 'hidden' | 'visible') => {
    const children = createElement('asl-fingerspell', { ref, options });
    root.render(createElement(Activity, { mode, children }));
    return until(() => expect(cameras.liveTracks()).toHaveLength(mode === 'hidden' ? 0 : 1));
  };
  for (const mode of ['visible', 'hidden', 'visible'] as const) await render(mode);
  root.unmount();
  await until(() => expect(cameras.liveTracks()).toEqual([]));
});
