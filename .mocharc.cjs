module.exports = { require: ['tsx/cjs'], spec: ['test/rules/**/*.test.ts', 'test/server/**/*.test.ts', 'test/lsp/**/*.test.ts', 'test/cli/**/*.test.ts'], timeout: 120000, reporter: 'dot' };
