import svelte from 'eslint-plugin-svelte';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import globals from 'globals';
import ts from 'typescript-eslint';

/** The layers of DESIGN.md: routes → lib → sync → crypto, strictly downward; each library has one home. */
const banned = (...rules) => ['error', { patterns: rules }];
const noble = { group: ['@noble/*'], message: 'noble is imported by src/crypto alone.' };
const idb = { group: ['idb', 'idb/*'], message: 'idb is imported by src/sync/store*.ts alone.' };
const simplePeer = { group: ['simple-peer', 'simple-peer/*'], message: 'simple-peer lives in src/sync/link.' };
const yjs = { group: ['yjs', 'y-webrtc', 'y-protocols/*', 'lib0/*'], message: 'Yjs and y-webrtc live in src/sync/live.' };
const svelteLib = { group: ['svelte', 'svelte/*', '$app/*', '$lib', '$lib/*', 'bits-ui', '@lucide/*'], message: 'Svelte is known to lib and routes alone.' };
const upward = { regex: '^(\\.\\./)+(lib|routes)/', message: 'Imports go downward: routes, lib, sync, crypto.' };
const server = { regex: '(^|/)signaling/', message: 'signaling and src never import each other.' };

export default ts.config(
	{ ignores: ['build/', '**/.svelte-kit/', 'node_modules/', 'test-results/', 'coverage/', '*.config.js', 'signaling/start.mjs', 'signaling/keep-previous.mjs', 'tests/**/*.mjs'] },
	...ts.configs.strictTypeChecked,
	...svelte.configs.recommended,
	{
		plugins: { 'import-x': importX },
		// Cycles are looked for among the TypeScript files; components import downward by construction.
		settings: { 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] }, 'import-x/ignore': ['/node_modules/', '\\.svelte$'], 'import-x/extensions': ['.ts', '.js', '.mjs', '.svelte'], 'import-x/resolver-next': [createNodeResolver()] },
		languageOptions: {
			globals: { ...globals.browser },
			parserOptions: {
				projectService: { allowDefaultProject: ['src/service-worker.ts'] },
				extraFileExtensions: ['.svelte'],
				tsconfigRootDir: import.meta.dirname,
			},
		},
		rules: {
			'import-x/no-cycle': 'error',
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			'@typescript-eslint/consistent-type-imports': 'error',
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser } },
		rules: { 'import-x/no-cycle': 'off', 'svelte/no-at-html-tags': 'error', 'svelte/no-navigation-without-resolve': 'off', 'prefer-const': 'off', '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-call': 'off', '@typescript-eslint/no-unsafe-member-access': 'off', '@typescript-eslint/no-unsafe-argument': 'off', '@typescript-eslint/no-unsafe-return': 'off', '@typescript-eslint/no-confusing-void-expression': 'off' },
	},
	{ files: ['src/crypto/**'], rules: { 'no-restricted-imports': banned(idb, simplePeer, yjs, svelteLib, upward, server, { regex: '^(\\.\\./)+sync/', message: 'crypto knows no sync.' }) } },
	{ files: ['src/sync/**'], rules: { 'no-restricted-imports': banned(noble, idb, simplePeer, yjs, svelteLib, upward, server) } },
	{ files: ['src/sync/store*.ts'], rules: { 'no-restricted-imports': banned(noble, simplePeer, yjs, svelteLib, upward, server) } },
	{ files: ['src/sync/link/**'], rules: { 'no-restricted-imports': banned(noble, idb, yjs, svelteLib, upward, server, { regex: '/office/', message: 'link knows no office records.' }) } },
	{ files: ['src/sync/live/**'], rules: { 'no-restricted-imports': banned(noble, idb, simplePeer, svelteLib, upward, server) } },
	{ files: ['src/lib/**', 'src/routes/**'], rules: { 'no-restricted-imports': banned(noble, idb, simplePeer, yjs, server) } },
	{ files: ['signaling/**'], languageOptions: { globals: { ...globals.node } }, rules: { 'no-restricted-imports': banned({ regex: '(^|/)src/', message: 'signaling and src never import each other.' }) } },
	{
		files: ['tests/**/*.ts'],
		languageOptions: { globals: { ...globals.node } },
		rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
	},
);
