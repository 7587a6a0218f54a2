import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Puts the element's style sheets into bundles, as short texts. */
export const stylePlugin = {
  name: 'style',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    // Under a name of its own, since tsup takes every .css for a file beside the scripts.
    build.onResolve({ filter: /\.css$/ }, ({ path: file, resolveDir }) => ({
      path: `${path.join(resolveDir, file)}.text`,
      namespace: 'style',
    }));
    build.onLoad({ filter: /./, namespace: 'style' }, async ({ path: name }) => {
      const css = await readFile(name.replace(/\.text$/, ''), 'utf8');
      const { code } = await build.esbuild.transform(css, { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};
