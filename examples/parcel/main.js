import { defineFingerspellElement } from 'asl-fingerspell/element';

defineFingerspellElement();

document.querySelector('asl-fingerspell').addEventListener('text', ({ detail }) => {
  document.title = detail.text || 'Fingerspell';
});
