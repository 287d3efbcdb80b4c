import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRepository } from '../../../rules/repository';
import { parseSource } from '../../../rules/workflow/parse';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI = '.github/workflows/release.yml';
const LIB: Files = { 'package.json': '{"name":"x","version":"1.0.0"}' };
const RELEASE = { on: 'on:\n  release:\n    types: [published]' };
const lib = (steps: string, extra: Parameters<typeof workflow>[1] = RELEASE): Files => ({ ...LIB, [CI]: workflow(steps, extra) });

describe('artifact-signing', () => {
  practiceCases('artifact-signing', {
    met: {
      'an action that is published with a statement': { 'action.yml': 'runs:\n  using: node24\n  main: dist/a.js\n', ...lib('- uses: actions/publish-immutable-action@v0.0.4\n') },
      cosign: lib('- run: cosign sign-blob --yes --bundle a.sigstore.json a\n'),
      'an attestation': lib('- uses: actions/attest-build-provenance@v2\n  with:\n    subject-path: dist/*\n'),
      'a program, by a service that keeps the key': lib('- uses: azure/artifact-signing-action@v1\n  with:\n    files-folder: dist\n'),
      'the same behind an action of another': lib('- uses: grafana/shared-workflows/actions/azure-trusted-signing@v1\n  with:\n    artifact-to-sign: program\n'),
      'GPG': lib('- run: gpg --batch --detach-sign --armor a.tgz\n'),
      'GoReleaser’s settings': { 'Dockerfile': 'FROM x', [CI]: workflow('- uses: goreleaser/goreleaser-action@v6\n', RELEASE), '.goreleaser.yaml': 'signs:\n  - cmd: cosign\n' },
      'a script that a step calls': { ...lib('- uses: sigstore/cosign-installer@v3\n- run: ./scripts/publish.sh\n'), 'scripts/publish.sh': 'set -eu\nko build ./cmd\ncosign sign --yes "$IMAGE"\n' },
      'a target of a file that the Makefile includes': { ...lib('- uses: sigstore/cosign-installer@v3\n- run: make sign-images\n'), Makefile: 'include ci/*.mk\n-include ci/images.mk\nall:\n\ttrue\n',
        'ci/images.mk': 'sign-images: build\n\t@./ci/sign.sh\n', 'ci/sign.sh': 'cosign sign --yes "$IMAGE"\n' },
      'images of ko, one after the other': { 'go.mod': '', [CI]: workflow('- run: ko publish -B ./cmd/a --tags v1 --image-refs refs\n- run: |\n    while read ref; do\n      cosign sign --yes "$ref"\n    done < refs\n', RELEASE) },
      'Maven’s': { 'pom.xml': '<artifactId>maven-gpg-plugin</artifactId>', [CI]: workflow('- run: ./mvnw -B deploy\n', RELEASE) },
      'PyPI with an identity': { 'pyproject.toml': '[build-system]\n[project]\n', [CI]: workflow('- uses: pypa/gh-action-pypi-publish@v1.13.0\n', RELEASE) },
    },
    partial: 'a signature is there, or it is not: which of several artifacts it covers can’t be told',
    missing: {
      'an action that goes to npm as well': { 'action.yml': 'runs:\n  using: node24\n  main: dist/a.js\n', ...lib('- run: npm publish\n') },
      nothing: LIB,
      'on pull requests': lib('- run: cosign sign-blob --yes a\n', { on: 'on: pull_request' }),
      'verified, not signed': lib('- run: cosign verify-blob --bundle b a\n- run: gpg --verify a.sig\n'),
      'its failure is swallowed': lib('- run: cosign sign-blob --yes a || true\n'),
      'installed and not used': lib('- uses: sigstore/cosign-installer@v3\n- run: make release\n'),
      'a script that only verifies': { ...lib('- uses: sigstore/cosign-installer@v3\n- run: ./scripts/sign.sh\n'), 'scripts/sign.sh': 'cosign verify "$IMAGE"\n' },
      'a script on pull requests': { ...lib('- run: ./scripts/sign.sh\n', { on: 'on: pull_request' }), 'scripts/sign.sh': 'cosign sign --yes "$IMAGE"\n' },
      'a script whose failure is swallowed': { ...lib('- run: ./scripts/sign.sh || true\n'), 'scripts/sign.sh': 'cosign sign --yes "$IMAGE"\n' },
      'a trial': { ...LIB, '.github/workflows/e2e-tests.yml': workflow('- run: cosign sign-blob --yes a\n', { on: 'on: push' }) },
      'PyPI with a password': { 'pyproject.toml': '[build-system]\n[project]\n', [CI]: workflow('- uses: pypa/gh-action-pypi-publish@v1.13.0\n  with:\n    password: x\n', RELEASE) },
    },
    notApplicable: { 'an action, which is fetched by its tag': { 'action.yml': 'runs:\n  using: node24\n  main: dist/a.js\n', 'package.json': '{"name":"x","version":"1.0.0"}', 'package-lock.json': '{}' },
      'nothing goes to others': { 'package.json': '{"name":"x","version":"1.0.0","private":true}', 'requirements.txt': '' } },
  });

  it('does not know what is done with cosign by a file that can not be read', () => {
    const of = (steps: string) => {
      const files = lib(steps), repo = createRepository([...Object.keys(files), 'Makefile'], f => files[f]);
      return practice('artifact-signing').evidence(repo);
    };
    const cosign = '- uses: sigstore/cosign-installer@v3\n';
    assert.equal(of(`${cosign}- run: make release\n`).result, 'unknown');
    assert.match(of(`${cosign}- run: make release\n`).lookedFor[0]!, /make release, which could not be read/);
    assert.equal(of(`${cosign}- run: make sign-images\n`).result, 1);
    assert.equal(of('- run: make release\n').result, 0);
    assert.equal(of(`${cosign}- run: go build\n`).result, 0);
  });

  const plan = practice('artifact-signing').scaffold!.plan(repository(LIB));
  assert.ok(!('refused' in plan));
  const { newText } = plan.changes[0]!;
  const script = parseSource(plan.changes[0]!.path, newText).workflow!.jobs[0]!.steps.find(s => s.run)!.run!.scalar.value;
  /** Stand-ins that write down what they are asked. */
  const run = (assets: readonly string[]): { status: number | null; out: string; log: string } => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sign-'));
    try {
      const log = path.join(dir, 'log');
      writeFileSync(log, '');
      const gh = assets.length === 0 ? 'return 1' : `if [ "$2" = download ]; then (cd assets && touch ${assets.map(a => `'${a}'`).join(' ')}); else printf '%s|' "$@" >> '${log}'; echo >> '${log}'; fi`;
      const made = spawnSync('bash', ['-e', '-c', `gh() { ${gh}; }\ncosign() { touch "$4"; printf 'cosign|%s|' "$@" >> '${log}'; echo >> '${log}'; }\n${script}`],
        { encoding: 'utf8', cwd: dir, env: { ...process.env, TAG: 'v1' } });
      return { status: made.status, out: made.stdout + made.stderr, log: readFileSync(log, 'utf8') };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };
  it('signs each asset once, whatever its name, and leaves signatures alone', () => {
    const { status, log, out } = run(['a b.tgz', 'done.zip', 'done.zip.sigstore.json']);
    assert.equal(status, 0, out);
    assert.deepEqual(log.trim().split('\n').filter(l => l.startsWith('release')), ['release|upload|v1|./a b.tgz.sigstore.json|']);
    assert.match(log, /cosign\|sign-blob\|cosign\|--yes\|cosign\|--bundle\|cosign\|\.\/a b\.tgz\.sigstore\.json\|cosign\|\.\/a b\.tgz\|\n/);
  });
  it('fails where there is nothing to sign', () => {
    const { status, out } = run([]);
    assert.equal(status, 1);
    assert.match(out, /::error title=Nothing to sign::Release v1 has no assets/);
  });

  const pushed = (inputs: string, more = '') => ({ Dockerfile: 'FROM x', [CI]: workflow(`- uses: docker/build-push-action@v6\n${more}  with:\n${inputs}`, { on: 'on: [push, pull_request]' }) });
  it('signs an image where it is pushed, by its digest, and only then', () => {
    const files = pushed("    push: ${{ github.event_name != 'pull_request' }}\n    tags: |\n      ghcr.io/o/x:latest\n      ghcr.io/o/x:1\n", '  if: github.repository == \'o/x\'\n');
    const made = practice('artifact-signing').scaffold!.plan(repository(files));
    assert.ok(!('refused' in made));
    const text = made.changes[0]!.newText, job = parseSource(CI, text).workflow!.jobs[0]!;
    assert.match(text, /if: \$\{\{ \(github\.repository == 'o\/x'\) && \(github\.event_name != 'pull_request'\) \}\}\n +env:\n/);
    assert.match(text, /DIGEST: \$\{\{ steps\.push\.outputs\.digest \}\}\n/);
    assert.match(text, /id-token: write\n/);
    assert.match(text, /steps:\n +- name: Watch outgoing connections\n/);
    const sign = job.steps.at(-1)!.run!.scalar.value;
    const run = (tags: string, cosign: string) => spawnSync('bash', ['-e', '-c', `cosign() { ${cosign}; }\n${sign}`], { encoding: 'utf8', env: { ...process.env, TAGS: tags, DIGEST: 'sha256:0' } });
    assert.equal(run('a:1\nb:2\n', 'echo "$@"').stdout, 'sign --yes a:1@sha256:0\nsign --yes b:2@sha256:0\n');
    assert.equal(run('a:1, b:2', 'echo "$@"').stdout, 'sign --yes a:1@sha256:0\nsign --yes b:2@sha256:0\n');
    assert.equal(run('a:1\nb:2', 'return 3').status, 3);
    const again = practice('artifact-signing').scaffold!.plan(repository({ ...files, [CI]: text }));
    assert.deepEqual(again, { refused: 'What is published is signed already.' });
  });
  it('takes the step’s own id, and a condition only where there is one', () => {
    const made = practice('artifact-signing').scaffold!.plan(repository(pushed('    push: true\n    tags: ${{ steps.meta.outputs.tags }}\n', '  id: build\n')));
    assert.ok(!('refused' in made));
    assert.match(made.changes[0]!.newText, /- name: Sign the image\n +env:\n +TAGS: \$\{\{ steps\.meta\.outputs\.tags \}\}\n +DIGEST: \$\{\{ steps\.build\.outputs\.digest \}\}\n/);
  });
});
