import path from 'node:path';

// The library needs nothing here: webpack 5 finds its model and WASM files by itself.
export default {
  entry: './main.js',
  output: { path: path.resolve(import.meta.dirname, 'dist'), filename: 'main.js', clean: true },
  module: { rules: [{ test: /index\.html$/, type: 'asset/resource', generator: { filename: '[name][ext]' } }] },
  devServer: { static: '.' },
};
