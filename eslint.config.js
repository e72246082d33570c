import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import walls from './scripts/lint/walls.mjs'

export default defineConfig(
  { ignores: ['node_modules/', 'out/', 'dist/', 'coverage/'] },
  {
    files: ['**/*.{ts,mjs,js}'],
    extends: [tseslint.configs.base],
    plugins: { walls },
    rules: {
      'walls/imports': 'error',
      semi: ['error', 'never'],
      quotes: ['error', 'single', { avoidEscape: true }],
      'max-len': [
        'error',
        { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true, ignoreTemplateLiterals: true, ignoreStrings: true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.node.json', 'tsconfig.web.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async method without await is how a plain implementation of an asynchronous interface rejects.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // What `expect.any` and its kin return.
    files: ['**/*.test.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  {
    // Programs that talk to a terminal.
    files: ['scripts/**', 'bin/**', 'src/main/cli.ts', 'src/main/cli/**', 'src/main/serve.ts', '**/testing/**'],
    rules: { 'no-console': 'off' },
  },
)
