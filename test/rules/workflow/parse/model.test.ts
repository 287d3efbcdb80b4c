import assert from 'node:assert/strict';
import { parseSource, scalarText, type UsesRef } from '../../../../rules/workflow';
import { parse, workflow } from './helpers';

function jobOf(body: string) {
  const doc = parse(`jobs:\n  j:\n${body.replace(/^/gm, '    ')}\n`);
  assert.deepEqual(doc.problems, []);
  return { doc, job: doc.workflow!.jobs[0]! };
}

describe('model: triggers', () => {
  it('reads all three forms of on', () => {
    assert.deepEqual(workflow('on: push\n').triggers.map(t => t.event), ['push']);
    assert.deepEqual(workflow('"on": [push, pull_request]\n').triggers.map(t => t.event), ['push', 'pull_request']);
    assert.deepEqual(workflow('on:\n- push\n- fork\n').triggers.map(t => t.event), ['push', 'fork']);
    const map = workflow('on:\n  push: {branches: main, paths-ignore: ["**.md", docs]}\n  pull_request:\n    types: [opened]\n    tags: []\n  watch:\n').triggers;
    assert.deepEqual(map.map(t => [t.event, t.branches, t.pathsIgnore, t.types, t.tags]), [
      ['push', ['main'], ['**.md', 'docs'], undefined, undefined], ['pull_request', undefined, undefined, ['opened'], []],
      ['watch', undefined, undefined, undefined, undefined],
    ]);
    assert.equal(map[2]!.config, undefined);
    assert.deepEqual(workflow('name: x\n').triggers, []);
  });

  it('reads schedules, callers’ declarations and dispatch inputs', () => {
    const [schedule, call, dispatch, run] = workflow(`on:
  schedule: [{cron: '0 0 * * *'}, {cron: 1}, x]
  workflow_call:
    inputs:
      a: {type: boolean, required: true, default: false}
      b:
    secrets:
      token: {required: true}
    outputs: {o: {value: x}}
  workflow_dispatch:
    inputs: {c: {type: choice, options: [x]}}
  workflow_run: {workflows: [CI], types: completed}
`).triggers;
    assert.deepEqual(schedule!.cron?.map(s => s.value), ['0 0 * * *', '1']);
    assert.deepEqual(call!.inputs?.map(i => [i.name, i.type, i.required, scalarText(i.default)]), [['a', 'boolean', true, 'false'], ['b', undefined, false, undefined]]);
    assert.deepEqual([call!.secrets?.map(e => e.key.value), call!.outputs?.map(e => e.key.value)], [['token'], ['o']]);
    assert.deepEqual([dispatch!.inputs?.map(i => i.type), dispatch!.secrets], [['choice'], undefined]);
    assert.deepEqual([run!.workflows, run!.types, run!.inputs], [['CI'], ['completed'], undefined]);
  });
});

describe('model: permissions, env, concurrency, environment', () => {
  it('tells the shapes of permissions', () => {
    const shape = (text: string) => workflow(`permissions: ${text}\n`).permissions;
    assert.deepEqual(['write-all', 'read-all', '{}', 'x', '', '[a]', '{contents: read}'].map(t => shape(t)?.shape),
      ['write-all', 'read-all', 'none', 'invalid', 'invalid', 'invalid', 'map']);
    assert.deepEqual(shape('\n  contents: read\n  id-token: write\n  x:')?.scopes.map(s => [s.name, s.access]), [['contents', 'read'], ['id-token', 'write'], ['x', '']]);
  });

  it('reads env, also where it is an expression', () => {
    const env = workflow('env:\n  A: 1\n  B:\n  C: ${{ x }}\n').env;
    assert.deepEqual(env?.variables.map(v => [v.name, v.value?.value]), [['A', '1'], ['B', undefined], ['C', '${{ x }}']]);
    assert.deepEqual(workflow('env: ${{ fromJSON(x) }}\n').env?.variables, []);
  });

  it('reads both forms of concurrency and environment', () => {
    const short = jobOf('concurrency: a\nenvironment: prod').job;
    assert.deepEqual([short.concurrency?.group?.value, short.environment?.name?.value], ['a', 'prod']);
    const { doc, job } = jobOf('concurrency: {group: g, cancel-in-progress: true, queue: max}\nenvironment:\n  name: n\n  url: u\n  deployment: false');
    assert.deepEqual([job.concurrency?.group, job.concurrency?.cancelInProgress, job.concurrency?.queue, job.environment?.name, job.environment?.url,
      job.environment?.deployment].map(s => doc.source(s!)), ['g', 'cancel-in-progress: true', 'queue: max', 'n', 'url: u', 'deployment: false']);
  });
});

describe('model: jobs and steps', () => {
  it('finds every key of a job', () => {
    const keys = ['name', 'if', 'runs-on', 'outputs', 'defaults', 'timeout-minutes', 'strategy', 'continue-on-error', 'container', 'services', 'cache-mode', 'with', 'secrets'];
    const { doc, job } = jobOf(`${keys.map(k => `${k}: v`).join('\n')}\nneeds: [a, b]\nuses: ./x.yml`);
    assert.deepEqual([job.name, job.if, job.runsOn, job.outputs, job.defaults, job.timeoutMinutes, job.strategy, job.continueOnError, job.container,
      job.services, job.cacheMode, job.with, job.secrets].map(e => doc.source(e!)), keys.map(k => `${k}: v`));
    assert.deepEqual([job.needs.map(n => n.value), job.uses?.kind], [['a', 'b'], 'local']);
    assert.deepEqual(jobOf('needs: a').job.needs.map(n => n.value), ['a']);
  });

  it('finds every key of a step, and flattens parallel groups behind their group', () => {
    const { doc, job } = jobOf(`steps:
- id: i
  name: n
  if: c
  run: r
  shell: bash
  working-directory: w
  continue-on-error: true
  timeout-minutes: 1
  env: {A: b}
  background: true
- wait: i
- wait-all:
- cancel: i
- parallel:
  - run: one
  - uses: o/r@v1
    with: {x: y}
- run: last`);
    const [first, wait, waitAll, cancel, group, one, two, last] = job.steps;
    assert.deepEqual(job.steps.map(s => s.index), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual([first!.id, first!.name, first!.if, first!.shell, first!.workingDirectory, first!.continueOnError, first!.timeoutMinutes, first!.background]
      .map(e => e?.key.value), ['id', 'name', 'if', 'shell', 'working-directory', 'continue-on-error', 'timeout-minutes', 'background']);
    assert.ok(wait?.wait && waitAll?.waitAll && cancel?.cancel && group?.parallel);
    assert.equal(first!.run?.step, first);
    assert.equal(first!.env?.variables.length, 1);
    assert.deepEqual([one!.group, two!.group, last!.group, one!.job], [group, group, undefined, job]);
    assert.equal(doc.source(two!.item), '- uses: o/r@v1\n        with: {x: y}');
    assert.equal(last!.run?.scalar.value, 'last');
  });

  it('reads a job that is half-typed', () => {
    const { jobs } = workflow('jobs:\n  a:\n  b: x\n  c:\n    steps: x\n');
    assert.deepEqual(jobs.map(j => [j.id, j.node === undefined, j.steps.length]), [['a', true, 0], ['b', true, 0], ['c', false, 0]]);
  });

  it('reads through aliases', () => {
    const doc = parse('x-env: &e {A: 1}\nx-job: &j\n  env: *e\n  steps:\n    - &s\n      uses: &u o/r@v1 # c\n    - *s\n    - uses: *u # d\njobs:\n  a: *j\n');
    assert.deepEqual(doc.problems, []);
    const job = doc.workflow!.jobs[0]!;
    assert.deepEqual(job.env?.variables.map(v => v.name), ['A']);
    assert.deepEqual(job.steps.map(s => [s.uses?.text, s.uses?.comment?.text]), [['o/r@v1', 'c'], ['o/r@v1', 'c'], ['o/r@v1', 'd']]);
  });
});

describe('model: uses', () => {
  const uses = (source: string): { ref: UsesRef; name: string; version: string | undefined } => {
    const { doc, job } = jobOf(`steps:\n- uses: ${source}`);
    const ref = job.steps[0]!.uses!;
    return { ref, name: doc.source(ref.nameSpan), version: ref.refSpan && doc.source(ref.refSpan) };
  };

  it('splits repositories', () => {
    const { ref, name, version } = uses("'o/r/p/q@v1.2' # v1");
    assert.deepEqual([ref.kind, ref.owner, ref.repo, ref.path, ref.ref, name, version, ref.comment?.text], ['repository', 'o', 'r', 'p/q', 'v1.2', 'o/r/p/q', 'v1.2', 'v1']);
    const bare = uses('o/r');
    assert.deepEqual([bare.ref.kind, bare.ref.ref, bare.version, bare.name, bare.ref.path, bare.ref.comment], ['repository', undefined, undefined, 'o/r', undefined, undefined]);
    assert.deepEqual([uses('o/r@a@b').ref.ref, uses('o/r@').ref.ref, uses('o/r@').version], ['a@b', '', '']);
  });

  it('knows local, self and docker references', () => {
    assert.deepEqual([uses('./a/b').ref.kind, uses('./a/b').ref.path, uses('$/a').ref.kind, uses('$/a').ref.path], ['local', 'a/b', 'self', 'a']);
    const image = uses('docker://ghcr.io/o/i:1@sha256:ab');
    assert.deepEqual([image.ref.kind, image.ref.image, image.ref.ref, image.name, image.version],
      ['docker', 'ghcr.io/o/i:1@sha256:ab', 'sha256:ab', 'docker://ghcr.io/o/i:1', 'sha256:ab']);
    assert.deepEqual([uses('docker://a:1').ref.image, uses('docker://a:1').version], ['a:1', undefined]);
  });

  it('calls what is none of them invalid', () => {
    for (const text of ['checkout', '"${{ matrix.action }}"', '"${{ x }}/r@v1"', '/r@v1']) assert.equal(uses(text).ref.kind, 'invalid', text);
  });

  it('spans the whole scalar where value and source differ', () => {
    const { name, version } = uses('"o/r\\u0040v1"');
    assert.deepEqual([name, version], ['"o/r\\u0040v1"', '"o/r\\u0040v1"']);
    assert.equal(uses('>-\n    o/r@v1').version, '>-\n        o/r@v1');
  });

  it('takes the comment of the same line only', () => {
    assert.equal(uses('o/r@v1\n  # below').ref.comment, undefined);
  });
});

describe('model: actions and dependabot', () => {
  it('reads composite and other actions', () => {
    const doc = parseSource('a/action.yml', 'name: n\ndescription: d\ninputs:\n  i: {required: true}\nruns:\n  using: composite\n  steps:\n    - run: x\n      shell: bash\n    - uses: ./y\noutputs:\n  o: {value: 1}\n');
    const action = doc.action!;
    assert.deepEqual([action.using?.value, action.inputs.map(i => [i.name, i.required]), action.steps.map(s => s.job), action.steps[1]!.uses?.kind],
      ['composite', [['i', true]], [undefined, undefined], 'local']);
    assert.ok(action.outputs && action.runs && action.name && action.description && !doc.workflow);
    assert.deepEqual(parseSource('action.yaml', 'runs: {using: node24, main: x.js}\n').action?.steps, []);
    assert.equal(parseSource('action.yaml', 'runs: {using: docker, image: Dockerfile}\n').action?.using?.value, 'docker');
  });

  it('reads dependabot files', () => {
    const doc = parseSource('.github/dependabot.yml', `version: 2
registries: {r: {type: npm-registry}}
updates:
  - package-ecosystem: npm
    directory: /
    directories: ["/a", /b]
    schedule: {interval: weekly}
    cooldown: {default-days: 7}
    groups: {all: {patterns: ["*"]}}
  - half
  - package-ecosystem: github-actions
`);
    const file = doc.dependabot!;
    assert.deepEqual(file.updates.map(u => [u.ecosystem?.value, u.directories.map(d => d.value)]), [['npm', ['/', '/a', '/b']], ['github-actions', []]]);
    assert.ok(file.updates[0]!.schedule && file.updates[0]!.cooldown && file.updates[0]!.groups && file.registries && file.version && file.updatesEntry);
    assert.equal(doc.source(file.updates[1]!.item), '- package-ecosystem: github-actions');
  });
});
