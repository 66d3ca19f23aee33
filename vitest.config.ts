import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // ONNX Runtime keeps a native thread pool a process: separate processes keep the tests apart.
    pool: 'forks',
    testTimeout: 30_000,
  },
});
