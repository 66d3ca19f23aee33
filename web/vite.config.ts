import { defineConfig } from 'vite';

/** What lets a page use threads; a server that publishes the page has to send them too, or the page runs with one. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  // Beside the package's code, where `oe playground` takes it from.
  build: { outDir: '../dist/playground', emptyOutDir: true, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  resolve: {
    // The page does not offer WebGPU: without this, its 27 MB would lie unused beside the page.
    alias: { 'onnxruntime-web/webgpu': 'onnxruntime-web/wasm' },
  },
  server: { headers },
  preview: { headers },
});
