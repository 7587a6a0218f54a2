// What `<script src="…/asl-fingerspell.global.js">` puts on `window.AslFingerspell`.
export * from '../src/index';
export * from './dom/index';
