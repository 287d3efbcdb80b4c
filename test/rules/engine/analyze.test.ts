import assert from 'node:assert/strict';
import { analyze, analyzeRepository, type EngineEnv } from '../../../rules/engine/analyze';
import { DEFAULT_CONFIG, defineQuery, type AnyRule, type Config } from '../../../rules/engine/rule';
import { createRepository } from '../../../rules/repository';
import { parseSource } from '../../../rules/workflow/parse';
import { everyExpression, privilegedJob, tiny, timeLimit, triggersQuery, writableToken } from '../../support/tiny-rules';

const WORKFLOW = `on: pull_request_target
run-name: \${{ github.ref }}
env:
  TITLE: \${{ github.event.issue.title }}
jobs:
  one:
    if: github.actor == 'me'
    runs-on: \${{ matrix.os }}
    steps:
      - uses: actions/checkout@v4
        with:
          ref: \${{ github.sha }}
      - run: |
          echo \${{ github.ref }}
          echo \${{ github.sha }}
  two:
    uses: ./.github/workflows/other.yml
`;

const parse = (text: string, path = '.github/workflows/ci.yml') => parseSource(path, text);
const env = (rules: readonly AnyRule[], config: Partial<Config> = {}): EngineEnv => ({ rules, config: { ...DEFAULT_CONFIG, ...config }, today: '2026-01-01' });
const run = (text: string, rules: readonly AnyRule[], config: Partial<Config> = {}) => analyze(parse(text), env(rules, config));

describe('analyze', () => {
  it('shows a job rule every expression once, with its path and exact range', () => {
    const { findings, errors } = run(WORKFLOW, [everyExpression]);
    assert.deepEqual(errors, []);
    assert.deepEqual(findings.map(f => [f.message, WORKFLOW.slice(f.range.start, f.range.end)]), [
      ['Expression in run-name.', '${{ github.ref }}'],
      ['Expression in env.TITLE.', '${{ github.event.issue.title }}'],
      ['Expression in if.', "github.actor == 'me'"],
      ['Expression in runs-on.', '${{ matrix.os }}'],
      ['Expression in with.ref.', '${{ github.sha }}'],
      ['Expression in run.', '${{ github.ref }}'],
      ['Expression in run.', '${{ github.sha }}'],
    ]);
  });

  it('gives a workflow rule the same sites as a job rule', () => {
    const wide = tiny({ ...everyExpression, scope: 'workflow' });
    const places = (rule: AnyRule) => run(WORKFLOW, [rule]).findings.map(f => f.key);
    assert.deepEqual(places(wide), places(everyExpression));
  });

  it('visits job, step, script and uses once each', () => {
    const seen: string[] = [];
    const spy = tiny({
      id: 'spy', messages: {}, keepsState: true, create: () => ({
        job: j => { seen.push(`job ${j.id}`); },
        step: s => { seen.push(`step ${s.index}`); },
        script: s => { seen.push(`script ${s.step.index}`); },
        uses: (u, w) => { seen.push(`uses ${u.text} ${w.step?.index ?? w.job?.id}`); },
        end: () => { seen.push('end'); },
      }),
    });
    run(WORKFLOW, [spy]);
    assert.deepEqual(seen, ['end', 'job one', 'step 0', 'uses actions/checkout@v4 0', 'step 1', 'script 1', 'end',
      'job two', 'uses ./.github/workflows/other.yml two', 'end']);
  });

  it('visits steps of composite actions and updates of dependabot files', () => {
    const seen: string[] = [];
    const spy = tiny({
      id: 'spy', messages: {}, keepsState: true, create: () => ({
        action: () => { seen.push('action'); }, step: s => { seen.push(`step ${s.index}`); },
        expression: s => { seen.push(s.path); },
        dependabot: () => { seen.push('dependabot'); }, update: u => { seen.push(u.ecosystem?.value ?? ''); },
      }),
    });
    analyze(parse('name: a\noutputs:\n  o:\n    value: ${{ steps.a.outputs.b }}\nruns:\n  using: composite\n  steps:\n    - run: ${{ inputs.x }}\n      shell: bash\n', 'action.yml'), env([spy]));
    analyze(parse('version: 2\nupdates:\n  - package-ecosystem: npm\n', '.github/dependabot.yml'), env([spy]));
    assert.deepEqual(seen, ['action', 'outputs.o.value', 'step 0', 'run', 'dependabot', 'npm']);
  });

  it('moves the severity by context and says why; a configured one replaces the base', () => {
    const [found] = run(WORKFLOW, [privilegedJob]).findings;
    assert.equal(found!.severity, 'high');
    assert.deepEqual(found!.reasons, ['The trigger is privileged']);
    assert.deepEqual(found!.related, [{ path: '.github/workflows/ci.yml', range: { start: 4, end: 23 }, message: 'The trigger' }]);
    assert.equal(run(WORKFLOW, [privilegedJob], { rules: { [privilegedJob.id]: { severity: 'info' } } }).findings[0]!.severity, 'low');
    assert.equal(run(WORKFLOW, [privilegedJob], { rules: { [privilegedJob.id]: { severity: 'critical' } } }).findings[0]!.severity, 'critical');
  });

  it('turns rules on and off by profile and setting', () => {
    const strict = tiny({ ...everyExpression, id: 'only-strict', profile: 'strict' });
    assert.equal(run(WORKFLOW, [strict]).findings.length, 0);
    assert.equal(run(WORKFLOW, [strict], { profile: 'strict' }).findings.length, 7);
    assert.equal(run(WORKFLOW, [strict], { rules: { 'only-strict': { severity: 'low' } } }).findings.length, 7);
    assert.equal(run(WORKFLOW, [strict], { profile: 'strict', rules: { 'only-strict': { severity: 'off' } } }).findings.length, 0);
    assert.equal(run(WORKFLOW, [strict], { profile: 'strict', rules: { 'only-strict': { options: {} } } }).findings.length, 7);
  });

  it('reports a rule that throws once, drops what it said, and goes on with the others', () => {
    const broken = tiny({
      id: 'broken', messages: { found: 'x' },
      create: context => ({ job(job) {
        context.report({ at: job.entry.key, messageId: 'found' });
        if (job.id === 'two') throw new Error('out of order');
      } }),
    });
    const unborn = tiny({ id: 'unborn', messages: {}, create() { throw new Error('never made'); } });
    const wordless = tiny({ id: 'wordless', messages: { found: 'Needs {what}.' }, create: c => ({ job(j) { c.report({ at: j.entry.key, messageId: 'found' }); } }) });
    const { findings, errors, tallies } = run(WORKFLOW, [broken, privilegedJob, unborn, wordless]);
    assert.deepEqual(errors, [
      { ruleId: 'broken', message: 'out of order' },
      { ruleId: 'unborn', message: 'never made' },
      { ruleId: 'wordless', message: 'message "found" was given no "what"' },
    ]);
    assert.deepEqual(findings.map(f => f.ruleId), ['tiny-privileged-job', 'tiny-privileged-job']);
    assert.deepEqual(tallies.get('broken'), { instances: 0, violations: 0 });
    assert.deepEqual(tallies.get('tiny-privileged-job'), { instances: 2, violations: 2 });
  });

  it('drops reports on text that does not parse and withholds fixes that touch its lines', () => {
    const text = 'on: push\njobs:\n  one:\n    name: "unclosed\n    steps: []\n  two:\n    runs-on: x\n';
    const everyJobKey = tiny({
      id: 'keys', messages: { found: 'x' }, create: c => ({ job(j) { for (const e of j.node?.entries ?? []) c.report({ at: e, messageId: 'found' }); } }),
    });
    const document = parse(text);
    assert.ok(document.problems.some(p => p.code === 'syntax'));
    for (const f of analyze(document, env([everyJobKey])).findings) {
      for (const p of document.problems) assert.ok(f.range.end <= document.range(p).start || f.range.start >= document.range(p).end);
    }
    const eager = tiny({
      id: 'eager', scope: 'workflow', messages: { found: 'x' }, create: c => ({ workflow(w) {
        c.report({ at: w.on!.key, messageId: 'found', fixes: [
          { title: 'On the broken line', safety: 'safe', edits: ({ document: d }) => [{ start: d.text.indexOf('name'), end: d.text.indexOf('name'), newText: 'x' }] },
          { title: 'Far from it', safety: 'safe', edits: () => [{ start: 0, end: 2, newText: '"on"' }] },
        ] });
      } }),
    });
    const [found] = analyze(document, env([eager])).findings;
    const world = { document, config: DEFAULT_CONFIG };
    assert.deepEqual(found!.fixes.map(f => f.edits(world)?.length), [undefined, 1]);
    assert.deepEqual(found!.fixes.map(f => f.preferred), [true, false]);
  });

  it('absorbs weaker findings of the same job, across scopes and in chains', () => {
    const absorber = (id: string, severity: 'high' | 'critical', absorbs: string[], only?: string) => tiny({
      id, severity, messages: { found: `${id}.` },
      create: c => ({ job(j) { if (!only || j.id === only) c.report({ at: j.entry.key, messageId: 'found', absorbs }); } }),
    });
    const strong = absorber('strong', 'critical', ['tiny-time-limit', 'middle'], 'one');
    const middle = absorber('middle', 'high', ['tiny-writable-token', 'strong']);
    const { findings } = run(WORKFLOW, [middle, strong, timeLimit, writableToken]);
    assert.deepEqual(findings.map(f => [f.ruleId, f.absorbedBy]), [
      ['middle', 'strong'], ['strong', undefined], ['tiny-time-limit', 'strong'], ['tiny-writable-token', 'strong'],
      ['middle', undefined], ['tiny-time-limit', undefined], ['tiny-writable-token', 'middle'],
    ]);
    assert.deepEqual(findings[1]!.related.map(r => r.message).sort(),
      ['Job one has no time limit.', 'actions/checkout@v4 gets a token that can write anything.', 'middle.'].sort());
  });

  it('asks each question once per analysis, and again for the next', () => {
    let asked = 0;
    const query = defineQuery('test.count', () => ++asked);
    const curious = tiny({ id: 'curious', messages: {}, create: c => ({ job() { c.query(query); c.query(query); } }) });
    run(WORKFLOW, [curious, tiny({ ...curious, id: 'curious-too' })]);
    assert.equal(asked, 1);
  });

  it('reuses a job\'s results while its questions have the same answers, and no longer', () => {
    const ran: string[] = [];
    const spy = tiny({
      id: 'spy', messages: { found: '{job} {events}' },
      create: c => ({ job(j) {
        ran.push(j.id);
        c.report({ at: j.entry.key, messageId: 'found', data: { job: j.id, events: c.query(triggersQuery).join() } });
      } }),
    });
    const e = env([spy]);
    const first = analyze(parse(WORKFLOW), e);
    assert.deepEqual(ran.splice(0), ['one', 'two']);
    const step = (text: string, previous = first) => analyze(parseSource(previous.document.path, text, previous.document), e, previous);

    const moved = step(`# moved\n${WORKFLOW}`);
    assert.deepEqual(ran.splice(0), [], 'jobs that only moved are taken over');
    assert.deepEqual(moved.findings.map(f => f.range.start), first.findings.map(f => f.range.start + 8));
    step(WORKFLOW.replace('steps:', 'steps: '));
    assert.deepEqual(ran.splice(0), ['one'], 'a changed job is looked at again');
    const other = step(WORKFLOW.replace('on: pull_request_target', 'on: push'));
    assert.deepEqual(ran.splice(0), ['one', 'two'], 'another answer counts for all jobs');
    assert.equal(other.findings[0]!.message, 'one push');
    analyze(first.document, env([spy], { rules: { spy: { severity: 'low' } } }), first);
    assert.deepEqual(ran.splice(0), [], 'a severity is no reason to look again');
  });

  it('keeps option values that fit and defaults for the others', () => {
    const seen: unknown[] = [];
    const rule = tiny({
      id: 'optional', messages: {},
      options: { limit: { description: 'x', default: 5 }, mode: { description: 'x', default: 'a', enum: ['a', 'b'] }, names: { description: 'x', default: ['z'] } },
      create: c => { seen.push(c.options); return {}; },
    });
    run('on: push\njobs: {}\n', [rule], { rules: { optional: { options: { limit: '7', mode: 'b', names: ['q'], other: 1 } } } });
    assert.deepEqual(seen[0], { limit: 5, mode: 'b', names: ['q'] });
  });

  it('never throws on what people half type', () => {
    for (const text of ['', '\uFEFF', 'a', '- a', 'on', 'on:\njobs:', 'jobs:\n  a', 'jobs:\n  a:\n    steps:\n      -', '\t', 'a: &x *x', 'jobs: [', '# c', 'jobs: &a\n  b: *a\n']) {
      for (const path of ['.github/workflows/a.yml', 'action.yml', '.github/dependabot.yml']) {
        assert.deepEqual(analyze(parse(text, path), env([everyExpression, privilegedJob, timeLimit, writableToken])).errors, [], JSON.stringify(text));
      }
    }
  });
});

describe('analyzeRepository', () => {
  const names = tiny({
    id: 'same-name', scope: 'repository', messages: { found: '{name} is also the name of {other}.' },
    create: context => {
      const seen = new Map<string, string>();
      let count = 0;
      return {
        repository(repository) { count = repository.documents.length; },
        workflow(workflow) {
          context.instance();
          const name = workflow.name?.value;
          if (name?.kind !== 'scalar') return;
          const events = context.query(triggersQuery).join();
          const other = seen.get(name.value);
          if (other) context.report({ at: name, messageId: 'found', data: { name: name.value, other: `${other} of ${count}` } });
          seen.set(name.value, events);
        },
      };
    },
  });
  const files: Record<string, string> = {
    '.github/workflows/a.yml': 'name: same\non: push\njobs: {}\n',
    '.github/workflows/b.yml': 'on: pull_request\nname: same\njobs: {}\n',
    '.github/workflows/c.yml': 'on: pull_request\nname: same # ci-hardening: ignore[same-name] on purpose\njobs: {}\n',
  };
  const repository = createRepository(Object.keys(files), p => files[p]);

  it('finds across files, places findings where they stand, and honours comments', () => {
    const { findings, errors, tallies } = analyzeRepository(repository, env([names]));
    assert.deepEqual(errors, []);
    assert.deepEqual([...findings].map(([path, list]) => [path, list.map(f => [f.message, f.range.start, f.suppressed?.reason])]), [
      ['.github/workflows/b.yml', [['same is also the name of push of 3.', 23, undefined]]],
      ['.github/workflows/c.yml', [['same is also the name of pull_request of 3.', 23, 'on purpose']]],
    ]);
    assert.deepEqual(tallies.get('same-name'), { instances: 3, violations: 1 });
  });

  it('is not run for a single file, where a comment for it is not called unused', () => {
    const analysis = analyze(repository.document('.github/workflows/c.yml')!, { ...env([names]), repository });
    assert.deepEqual([analysis.findings, analysis.errors, [...analysis.tallies]], [[], [], []]);
  });
});
