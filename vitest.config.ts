import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // ONNX Runtime keeps a native thread pool a process: separate processes keep the tests apart.
    pool: 'forks',
    testTimeout: 30_000,
    // Much of a test's time is a command's start: two at once, also on two cores.
    maxWorkers: 2,
    // What commands print is compared: the same in a terminal, under a server, and anywhere else.
    env: { FORCE_COLOR: '0' },
  },
});
