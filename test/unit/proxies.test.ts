import { isProxy, reactive, ref } from '@vue/reactivity';
import { FingerspellRecognizer, FingerspellSpeller } from 'asl-fingerspell';
import { expect, it } from 'vitest';
import { drawPicture } from '../support/pictures';

// Vue makes proxies of what is put into its state, and private fields cannot be read through a proxy.
it('a recogniser and a speller work in the state of a Vue app', async () => {
  const recognizer = ref(await FingerspellRecognizer.load());
  expect(recognizer.value.labels).toHaveLength(24);
  await recognizer.value.classify(drawPicture(40, 30, 1));
  const state = reactive({ speller: new FingerspellSpeller({ labels: recognizer.value.labels }) });
  state.speller.insert('j');
  expect(state.speller.text).toBe('j');
  expect([isProxy(state), isProxy(state.speller)]).toEqual([true, false]);
  recognizer.value.dispose();
});
