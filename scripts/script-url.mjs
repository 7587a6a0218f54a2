/**
 * The address of the classic script that this is built into; a worker that imports one does not tell it. Asked of the class:
 * on the document itself, an element that is named so (`<img name="currentScript" src="…">`) would answer.
 */
export const scriptUrl =
  typeof document === 'undefined'
    ? self.location.href
    : Reflect.get(Document.prototype, 'currentScript', document)?.src || document.baseURI;
