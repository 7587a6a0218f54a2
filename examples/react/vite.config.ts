import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The library needs nothing here; `./` makes the build work below any path.
export default defineConfig({ base: './', plugins: [react()] });
