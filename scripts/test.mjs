/**
 * Everything that is checked, in one command: `npm test`. `npm run check` (`--check`) leaves out what needs a VS Code. Installs what
 * it needs. The last line is `N passed, N failed`; the exit code is 1 where anything failed, a crash included.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, ensureBrowser, ensureDependencies, ensureHost, node, root } from './setup.mjs';

const quick = process.argv.includes('--check');
const total = { passed: 0, failed: 0 };
const started = Date.now();

try {
  await ensureDependencies();
} catch (error) {
  // Nothing can run without them.
  console.log(`${error instanceof Error ? error.message : String(error)}\n0 passed, 1 failed`);
  process.exit(1);
}
if (!quick) await setUp('VS Code', ensureHost);
if (!quick) await setUp('Chromium', ensureBrowser);
mkdirSync(join(root, 'out'), { recursive: true });

await step('types', () => single(bin('typescript/bin/tsc', ['-p', '.', '--noEmit'])));
await step('lint', () => single(bin('eslint/bin/eslint.js', ['.', '--max-warnings', '0'])));
await step('generated files', () => single(node(['scripts/generate.mjs', '--check'])));
// The package is built here: tests of the command line and of the server's process run the bundles.
await step('package', () => single(node(['scripts/package.mjs'])));
await step('unit tests', () => mocha('unit', []));
if (!quick) {
  await step('grammar tests', grammars);
  await step('extension suite', () => counted(node(['--import', 'tsx', 'test/extension/run.ts'])));
  await step('user interface suite', () => mocha('ui', ['--no-config', '--require', 'tsx/cjs', '--timeout', '120000', 'test/extension/ui/*.test.ts']));
}

console.log(`\n${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

/** Counts what a step did; one that threw or counted nothing has failed. */
async function step(name, check) {
  const begun = Date.now();
  console.log(`\n== ${name}`);
  let result;
  try {
    result = await check();
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error));
    result = { passed: 0, failed: 1 };
  }
  if (result.passed + result.failed === 0) result = { passed: 0, failed: 1 };
  total.passed += result.passed;
  total.failed += result.failed;
  console.log(`   ${name}: ${result.passed} passed, ${result.failed} failed (${Math.round((Date.now() - begun) / 1000)} s)`);
}

/** What can't be installed fails the steps that need it, not those that don't. */
async function setUp(name, install) {
  try {
    await install();
  } catch (error) {
    await step(name, () => { throw error; });
  }
}

async function single(result) {
  return (await result).code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** For a program whose last line is `N passed, N failed`. */
async function counted(result) {
  const { code, output } = await result;
  const match = /(\d+) passed, (\d+) failed\s*$/.exec(output);
  const [passed, failed] = match ? [Number(match[1]), Number(match[2])] : [0, 1];
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

async function mocha(name, args) {
  const report = join(root, 'out', `${name}.json`);
  rmSync(report, { force: true });
  const { code, output } = await bin('mocha/bin/mocha.js', ['--reporter', 'json', '--reporter-option', `output=${report}`, ...args], { show: false });
  if (!existsSync(report)) throw new Error(`mocha ended without a report (${code})\n${output}`);
  const { stats, failures, pending } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { fullTitle, err } of failures) console.log(`   FAIL  ${fullTitle}\n${indent(err.stack ?? err.message ?? '')}`);
  for (const { fullTitle } of pending) console.log(`   not run: ${fullTitle}`);
  if (code !== 0 && stats.failures === 0) throw new Error(`mocha ended with ${code}\n${output}`);
  return { passed: stats.passes, failed: stats.failures };
}

/** On the YAML grammar of VS Code itself, into which ours are injected. */
async function grammars() {
  const yaml = join(process.env.CI_HARDENING_HOST ?? join(root, 'test/extension/host'), 'node_modules/code-server/lib/vscode/extensions/yaml/syntaxes');
  const bases = readdirSync(yaml).filter(file => file.endsWith('.json')).flatMap(file => ['-g', join(yaml, file)]);
  const files = readdirSync(join(root, 'test/syntaxes')).filter(file => file.endsWith('.test.yml'));
  let passed = 0;
  for (const file of files) if ((await bin('vscode-tmgrammar-test/dist/unit.js', [...bases, `test/syntaxes/${file}`])).code === 0) passed++;
  return { passed, failed: files.length - passed };
}

function indent(text) {
  return text.split('\n').map(line => `         ${line}`).join('\n');
}
