/** The worked example of CONTRIBUTING.md is taken out of the page and run as it stands there. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { analyze, type EngineEnv } from '../../rules/engine/analyze';
import { applyFixes } from '../../rules/engine/fix';
import type { AnyRule } from '../../rules/engine/rule';
import { parseSource } from '../../rules/workflow/parse';
import { STRICT } from '../support/check';
import { readProse } from '../support/examples';
import { markers } from '../support/fixtures';

const root = path.resolve(__dirname, '../..');
const page = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8').replaceAll('\r\n', '\n');

/** The fence behind `<!-- example: file -->`. */
function example(file: string): string {
  const [, fence] = page.split(`<!-- example: ${file} -->\n`);
  assert.ok(fence, `CONTRIBUTING.md has no example ${file}`);
  const [, ticks] = /^(`{3,})\w+\n/.exec(fence)!;
  return fence.slice(fence.indexOf('\n') + 1, fence.indexOf(`\n${ticks}\n`) + 1);
}

function load(file: string): AnyRule {
  const outfile = path.join(root, '.cache', `contributing-${process.pid}.cjs`);
  // Its own folder need not exist; any other category lies as deep.
  const neighbour = path.join(root, 'rules/checks/governance');
  buildSync({
    stdin: { contents: example(file), resolveDir: neighbour, loader: 'ts', sourcefile: path.basename(file) },
    bundle: true, platform: 'node', format: 'cjs', outfile, logLevel: 'error',
  });
  try {
    return (createRequire(outfile)(outfile) as { default: AnyRule }).default;
  } finally {
    rmSync(outfile, { force: true });
  }
}

describe('CONTRIBUTING.md', () => {
  const rule = load('rules/checks/runners/checkout-unclean.ts');
  const env: EngineEnv = { rules: [rule], config: STRICT, today: '2026-10-01' };
  const where = '.github/workflows/invalid.yml';
  const fixture = markers(example('test/fixtures/checks/checkout-unclean/invalid.yml'), 'CONTRIBUTING.md');

  it('shows a rule that finds what its fixture says, and only there', () => {
    const { findings, errors, tallies } = analyze(parseSource(where, fixture.text), env);
    assert.deepEqual(errors, []);
    assert.deepEqual(findings.map(f => ({ ruleId: f.ruleId, ...f.range, severity: f.severity, messageId: f.messageId })),
      fixture.wants.map(({ ruleId, start, end, severity, messageId }) => ({ ruleId, start, end, severity, messageId })));
    assert.deepEqual([...tallies], [[rule.id, { instances: 1, violations: 1 }]]);
  });

  it('shows what its fix makes of it', () => {
    const { text, refused } = applyFixes(where, fixture.text, { safety: 'unsafe', env });
    assert.deepEqual(refused, []);
    assert.equal(text, example('test/fixtures/checks/checkout-unclean/invalid.golden.yml'));
  });

  it('shows prose whose examples are as it says', () => {
    const prose = readProse(example('rules/checks/runners/checkout-unclean.md'));
    assert.equal(prose.title, rule.id);
    assert.deepEqual(prose.examples.map(e => [e.section, analyze(parseSource(e.path, e.text), env).findings.length]), [['Incorrect', 1], ['Correct', 0]]);
  });
});
