const { defineFingerspellElement } = window.AslFingerspell;

defineFingerspellElement();

document.querySelector('asl-fingerspell').addEventListener('text', ({ detail }) => {
  document.title = detail.text || 'Fingerspell';
});
