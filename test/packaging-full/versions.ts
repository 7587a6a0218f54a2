import type { Versions } from '../packaging/support/app';

/**
 * Releases that install on every machine, together with what they depend on: the newest ones of native tools are
 * sometimes published some days before their programs for each platform.
 */
export const ROLLUP = { rollup: '4.67.4' };

export const REACT_19: Versions = { react: '19.3.1', 'react-dom': '19.3.1' };
export const REACT_18: Versions = { react: '18.3.1', 'react-dom': '18.3.1' };

/** Each major version of Vite that is in use, with the plugin that belongs to it. */
export const VITES: readonly { readonly major: number; readonly versions: Versions; readonly overrides?: Versions }[] =
  [
    { major: 5, versions: { vite: '5.4.21', '@vitejs/plugin-react': '4.7.0' }, overrides: ROLLUP },
    { major: 7, versions: { vite: '7.3.8', '@vitejs/plugin-react': '5.1.4' }, overrides: ROLLUP },
    { major: 8, versions: { vite: '8.3.8', '@vitejs/plugin-react': '6.3.0' } },
  ];

export const NEXT: Versions = { next: '16.4.6', ...REACT_19 };
/** Collects the files that a server needs, for Next.js, Vercel and others. */
export const TRACER: Versions = { '@vercel/nft': '1.11.5' };
export const PARCEL: Versions = { parcel: '2.16.4' };
export const WEBPACK: Versions = { webpack: '5.112.2', 'webpack-cli': '7.3.1', 'webpack-dev-server': '5.2.2' };
export const PNPM: Versions = { pnpm: '10.34.9' };
export const ESBUILD: Versions = { esbuild: '0.28.2' };
/** Servers that are not Node. */
export const RUNTIMES: Versions = { bun: '1.4.5', deno: '2.9.6' };
/** Documents without a browser, for test runners. */
export const DOCUMENTS: Versions = { jsdom: '29.1.1', 'happy-dom': '21.0.4' };
