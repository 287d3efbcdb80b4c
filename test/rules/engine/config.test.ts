import assert from 'node:assert/strict';
import Ajv from 'ajv';
import fc from 'fast-check';
import { mergeConfig, parseConfig, type ConfigVocabulary } from '../../../rules/engine/config';
import { completeConfig, configSchema } from '../../../rules/engine/config-schema';
import { DEFAULT_CONFIG } from '../../../rules/engine/rule';
import { tiny, timeLimit } from '../../support/tiny-rules';

const pinned = tiny({
  id: 'pinned', messages: { m: 'm.' }, create: () => ({}),
  options: {
    policy: { description: 'What counts.', default: 'hash', enum: ['hash', 'tag'] }, allow: { description: 'Which.', default: [] as string[] },
    depth: { description: 'How deep.', default: 3 }, local: { description: 'Also local ones.', default: false },
  },
});
const vocabulary: ConfigVocabulary = { rules: [pinned, timeLimit], practices: ['dependency-updates'], categories: ['Security', 'Developer Experience'], today: '2026-06-15' };

const FULL = `# how we check
profile: strict
rules:
  tiny-time-limit: off
  pinned:
    severity: high
    options: { policy: tag, allow: [actions, "my-org/*"], depth: 2, local: true }
ignore:
  - rule: pinned
    path: .github/workflows/legacy-*.yml
    reason: "moves out: see the plan"
    until: 2026-12-31
  - { rule: dependency-updates }
trusted-owners: [actions, my-org/tools]
targets:
  overall: 4
  developer-experience: { level: 3, by: 2027-01-31 }
`;

/** Each problem as \`text it stands on: message\`. */
function problems(text: string): string[] {
  return parseConfig(text, vocabulary).problems.map(p => `${text.slice(p.start, p.end)}: ${p.message}`);
}

describe('parseConfig', () => {
  it('reads everything that can be said', () => {
    const { config, problems: found } = parseConfig(FULL, vocabulary);
    assert.deepEqual(found, []);
    assert.deepEqual(config, {
      profile: 'strict',
      rules: {
        'tiny-time-limit': { severity: 'off' },
        'pinned': { severity: 'high', options: { policy: 'tag', allow: ['actions', 'my-org/*'], depth: 2, local: true } },
      },
      ignore: [
        { rule: 'pinned', path: '.github/workflows/legacy-*.yml', reason: 'moves out: see the plan', until: '2026-12-31' },
        { rule: 'dependency-updates' },
      ],
      trustedOwners: ['actions', 'my-org/tools'],
      targets: { 'overall': { level: 4 }, 'Developer Experience': { level: 3, by: '2027-01-31' } },
    });
  });

  it('is the default for an empty file, comments, and keys without values', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n', '\uFEFF', 'rules:\nignore:\ntargets:\ntrusted-owners:\n']) {
      const { config, problems: found } = parseConfig(text, vocabulary);
      assert.deepEqual(found, [], JSON.stringify(text));
      assert.deepEqual(config, { ...DEFAULT_CONFIG });
    }
  });

  it('points at what is wrong, says what is right, and keeps the rest', () => {
    assert.deepEqual(problems('profil: strict\n'), ['profil: Unknown key `profil`. Did you mean `profile`?']);
    assert.deepEqual(problems('zzz: 1\n'), ['zzz: Unknown key `zzz`. Known are `profile`, `rules`, `ignore`, `trusted-owners`, `targets`.']);
    assert.deepEqual(problems('profile: strickt\n'), ['strickt: `strickt` is not known here. Did you mean `strict`?']);
    assert.deepEqual(problems('profile: [a]\n'), ['[a]: `profile` has to be one of `recommended`, `strict`.']);
    assert.deepEqual(problems('rules:\n  tiny-time-limits: high\n  pinned: hihg\n'), [
      'tiny-time-limits: No rule is called `tiny-time-limits`. Did you mean `tiny-time-limit`?', 'hihg: `hihg` is not known here. Did you mean `high`?']);
    assert.deepEqual(problems('rules:\n  pinned: { sevrity: low, options: { policy: sha, depth: two, deep: 1 } }\n  tiny-time-limit: { options: { a: 1 } }\n'), [
      'sevrity: Unknown key `sevrity`. Did you mean `severity`?', 'sha: `policy` has to be one of `hash`, `tag`.', 'two: `depth` has to be a number.',
      'deep: `pinned` has no option `deep`. It has `policy`, `allow`, `depth`, `local`.', 'a: `tiny-time-limit` has no options.']);
    assert.deepEqual(problems('ignore:\n  - rule: pinned\n    until: 2026-02-30\n  - path: a\n  - pinned\n  - rule: pined\n'), [
      '2026-02-30: `2026-02-30` is no date. Write it as `2026-12-31`.', 'path: a: This entry needs a `rule` (`*` for all of them).',
      'pinned: Each entry has to be a mapping with `rule`, and `path`, `reason` and `until` where wanted.',
      'pined: No rule is called `pined`. Did you mean `pinned`?']);
    assert.deepEqual(problems('targets:\n  overall: 9\n  Secruity: 3\ntrusted-owners:\n  - a/b/c\n'), [
      '9: A level is a whole number from 1 to 5.', 'Secruity: Unknown key `Secruity`. Did you mean `Security`?',
      'a/b/c: An owner (`actions`) or a repository (`owner/repo`) is wanted here.']);
    const { config } = parseConfig('profile: strict\nrules:\n  pinned: high\n  nope: low\n', vocabulary);
    assert.deepEqual([config.profile, config.rules], ['strict', { pinned: { severity: 'high' } }]);
  });

  it('drops an ignore entry whose limits are not understood, as it would hide too much', () => {
    assert.deepEqual(parseConfig('ignore:\n  - rule: "*"\n    path: "((("\n', vocabulary).config.ignore, []);
    assert.deepEqual(parseConfig('ignore:\n  - rule: "*"\n    pth: a\n', vocabulary).config.ignore, []);
  });

  it('warns of an entry that has ended', () => {
    const { problems: found, config } = parseConfig('ignore:\n  - rule: pinned\n    until: 2026-06-14\n', vocabulary);
    assert.deepEqual(found.map(p => [p.severity, p.message]), [['warning', 'This entry ended on 2026-06-14: its findings are shown again.']]);
    assert.equal(config.ignore.length, 1);
  });

  it('says that a file that is no mapping is none', () => {
    assert.equal(problems('- a\n').length, 1);
    assert.equal(problems('just text\n').length, 1);
  });

  it('is not tricked by the names of things', () => {
    const { config } = parseConfig('rules:\n  __proto__: high\n  constructor: high\n  pinned:\n    options: { __proto__: 1 }\n', vocabulary);
    assert.deepEqual(config.rules, { pinned: { options: {} } });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: FULL.length }), fc.integer({ min: 0, max: 40 }), fc.string({ maxLength: 6 }), (at, cut, insert) => {
      const text = FULL.slice(0, at) + insert + FULL.slice(at + cut);
      for (const p of parseConfig(text, vocabulary).problems) assert.ok(p.start >= 0 && p.start <= p.end && p.end <= text.length);
      completeConfig(text, Math.min(at, text.length), vocabulary);
    }), { numRuns: 300, seed: 3 });
  });
});

describe('mergeConfig', () => {
  it('lets the second win where both speak, and adds up lists', () => {
    const base = parseConfig(FULL, vocabulary).config;
    const merged = mergeConfig(base, {
      rules: { 'pinned': { severity: 'low', options: { depth: 9 } }, 'tiny-time-limit': {} }, trustedOwners: ['actions', 'me'], ignore: [{ rule: '*' }],
    });
    assert.equal(merged.profile, 'strict');
    assert.deepEqual(merged.rules['pinned'], { severity: 'low', options: { policy: 'tag', allow: ['actions', 'my-org/*'], depth: 9, local: true } });
    assert.equal(merged.rules['tiny-time-limit']!.severity, 'off');
    assert.deepEqual([merged.trustedOwners, merged.ignore.length], [['actions', 'my-org/tools', 'me'], 3]);
  });
});

describe('configSchema', () => {
  it('accepts what the reader accepts, and refuses what it refuses', () => {
    const validate = new Ajv({ strict: false }).compile(configSchema(vocabulary));
    const { config: { profile, rules, ignore, trustedOwners } } = parseConfig(FULL, vocabulary);
    assert.ok(validate({ profile, rules, ignore, 'trusted-owners': trustedOwners, 'targets': { overall: 3, Security: { level: 2 } } }), JSON.stringify(validate.errors));
    for (const bad of [{ profil: 1 }, { rules: { nope: 'high' } }, { rules: { pinned: 'hihg' } }, { rules: { pinned: { options: { depth: 'x' } } } }, { targets: { overall: 6 } }]) {
      assert.ok(!validate(bad), JSON.stringify(bad));
    }
  });
});

describe('completeConfig', () => {
  /** Labels at the \`|\`. */
  function at(text: string): string[] {
    const offset = text.indexOf('|');
    return completeConfig(text.replace('|', ''), offset, vocabulary).map(c => c.label);
  }

  it('offers keys that are not there yet', () => {
    assert.deepEqual(at('|'), ['profile', 'rules', 'ignore', 'trusted-owners', 'targets']);
    assert.deepEqual(at('profile: strict\nru|\nignore:\n  - rule: pinned\n'), ['rules', 'trusted-owners', 'targets']);
    assert.deepEqual(at('rules:\n  |\n'), ['pinned', 'tiny-time-limit']);
    assert.deepEqual(at('rules:\n  pinned:\n    |\n'), ['severity', 'options']);
    assert.deepEqual(at('rules:\n  pinned:\n    options:\n      policy: tag\n      |\n'), ['allow', 'depth', 'local']);
    assert.deepEqual(at('ignore:\n  - rule: pinned\n    |\n  - rule: pinned\n    path: x\n'), ['path', 'reason', 'until']);
    assert.deepEqual(at('ignore:\n  - |\n'), ['rule', 'path', 'reason', 'until']);
    assert.deepEqual(at('targets:\n  |\n'), ['overall', 'Security', 'Developer Experience']);
  });

  it('offers values', () => {
    assert.deepEqual(at('profile: |\n'), ['recommended', 'strict']);
    assert.deepEqual(at('rules:\n  pinned: hi|\n'), ['off', 'info', 'low', 'medium', 'high', 'critical']);
    assert.deepEqual(at('rules:\n  pinned:\n    options:\n      policy: |\n'), ['hash', 'tag']);
    assert.deepEqual(at('rules:\n  pinned:\n    options:\n      local: |\n'), ['true', 'false']);
    assert.deepEqual(at('ignore:\n  - rule: |\n'), ['pinned', 'tiny-time-limit', 'dependency-updates']);
    assert.deepEqual(at('targets:\n  overall: |\n'), ['1', '2', '3', '4', '5']);
  });

  it('offers nothing in comments and unknown places, and replaces the word at the cursor', () => {
    assert.deepEqual(at('# |'), []);
    assert.deepEqual(at('zzz:\n  |'), []);
    assert.deepEqual(at('rules:\n  zzz:\n    |'), []);
    const [first] = completeConfig('rules:\n  pinned: high\n', 'rules:\n  pinned: hi'.length, vocabulary);
    assert.deepEqual(first!.range, { start: 'rules:\n  pinned: '.length, end: 'rules:\n  pinned: high'.length });
  });
});
