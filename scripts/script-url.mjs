/** The address of the classic script that this is built into. */
export const scriptUrl = document.currentScript?.src || document.baseURI;
