import { defineConfig } from 'vite';

// The library needs nothing here. `./` makes the build work below any path; without inlining, no `data:` address needs
// to be allowed by the Content-Security-Policy.
export default defineConfig({ base: './', build: { assetsInlineLimit: 0 } });
