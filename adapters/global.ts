// What `<script src="…/asl-fingerspell.global.js">` puts on `window.AslFingerspell`, and what the self-contained module
// `asl-fingerspell.esm.js` exports.
export * from '../src/index';
export * from './dom/index';
export * from './element/index';
