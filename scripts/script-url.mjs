/** The address of the classic script that this is built into; a worker that imports one does not tell it. */
export const scriptUrl =
  typeof document === 'undefined' ? self.location.href : document.currentScript?.src || document.baseURI;
