import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    // Native TensorFlow cannot be loaded by two threads of one process.
    pool: 'forks',
    testTimeout: 60_000,
  },
})
