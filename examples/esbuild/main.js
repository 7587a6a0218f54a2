import { defineFingerspellElement } from 'asl-fingerspell/element';

const reader = document.querySelector('asl-fingerspell');
// The one line that esbuild needs, since it copies no assets: where build.mjs puts them.
reader.options = { assets: { baseUrl: './' } };
defineFingerspellElement();

reader.addEventListener('text', ({ detail }) => {
  document.title = detail.text || 'Fingerspell';
});
