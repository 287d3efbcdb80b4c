import assert from 'node:assert/strict';
import { commands, judged, refusalOf } from './judge';
import { practiceCases, verdict, workflow, type Files } from './support';

const WORKFLOW = '.github/workflows/ci.yml';
const API: Files = { 'openapi.yaml': 'openapi: 3.1.0\n', 'app.py': '' };
const ci = (steps: string, on?: string): Files => ({ [WORKFLOW]: workflow(steps, { on }) });

describe('contract-tests', () => {
  practiceCases('contract-tests', {
    met: {
      Schemathesis: { ...API, ...ci('- run: pipx run schemathesis==4.0.0 run openapi.yaml --url http://localhost:8000\n') },
      'oasdiff by its image': { ...API, ...ci('- run: docker run --rm -v "$PWD:/w" tufin/oasdiff breaking --fail-on ERR /w/a.yaml /w/openapi.yaml\n') },
      'buf’s action': { 'proto/a.proto': '', ...ci('- uses: bufbuild/buf-action@v1\n') },
      'buf breaking': { 'proto/a.proto': '', ...ci("- run: go run github.com/bufbuild/buf/cmd/buf@v1 breaking --against '.git#branch=main'\n") },
      Pact: { 'package.json': '{"devDependencies":{"@pact-foundation/pact":"1"},"scripts":{"test:pact":"jest pact"}}', ...ci('- run: npm run test:pact\n') },
      'Specmatic': { ...API, ...ci('- run: docker run znsio/specmatic test openapi.yaml\n') },
    },
    partial: 'contract tests hold to a contract, or don’t',
    missing: {
      'linters': { ...API, ...ci('- run: npx @stoplight/spectral-cli lint openapi.yaml\n- run: buf lint\n') },
      'oasdiff without --fail-on': { ...API, ...ci('- run: oasdiff breaking a.yaml openapi.yaml\n') },
      'not heard': { ...API, ...ci('- run: schemathesis run openapi.yaml\n  continue-on-error: true\n') },
      'after the merge': { ...API, ...ci('- run: schemathesis run openapi.yaml\n', 'on:\n  push:\n    branches: [main]') },
      'called so': { ...API, ...ci('- name: Contract tests\n  run: echo schemathesis run openapi.yaml\n') },
      'buf’s action without it': { 'a.proto': '', ...ci('- uses: bufbuild/buf-action@v1\n  with:\n    breaking: false\n') },
    },
    notApplicable: { 'no interface': { 'a.py': '' }, 'samples and generated files': { 'examples/openapi.yaml': '', 'vendor/a.proto': '', 'gen/b.proto': '' },
      'an interface that is nobody else’s': { 'go.mod': '', 'internal/cloud/v1/metrics.proto': '' },
      'a server that tests talk to': { 'packages/app-tests/src/hello.proto': '', 'packages/app/a.ts': '' } },
  });

  it('says that oasdiff succeeds whatever it finds', () => {
    assert.match(verdict('contract-tests', { ...API, ...ci('- run: oasdiff breaking a.yaml openapi.yaml\n') })!.lookedFor[1]!, /without --fail-on/);
  });
  it('compares the description with the branch that a pull request goes to', async () => {
    const text = await judged('contract-tests', { 'api/openapi.json': '{}', 'a.go': '' });
    assert.match(text, /BASE: \$\{\{ github\.event\.pull_request\.base\.sha \}\}/);
    assert.match(text, /fetch-depth: 0/);
    assert.ok(commands(text).at(-1)!.endsWith('breaking --fail-on ERR "$RUNNER_TEMP/base-openapi" api/openapi.json'));
  });
  it('compares protocol buffers from where their imports begin', async () => {
    assert.ok(commands(await judged('contract-tests', { 'proto/shop/v1/a.proto': '', 'a.go': '' })).at(-1)!.endsWith('breaking proto --against ".git#ref=$BASE,subdir=proto"'));
    assert.ok(commands(await judged('contract-tests', { 'buf.yaml': '', 'x/a.proto': '', 'a.go': '' })).at(-1)!.endsWith('breaking . --against ".git#ref=$BASE"'));
    await judged('contract-tests', { "it's/openapi.yaml": '', 'a b/c.proto': '' });
  });
  it('refuses where there is only a dependency', () => assert.match(refusalOf('contract-tests', { 'requirements.txt': 'schemathesis==4\n' }), /no OpenAPI file and no \.proto file/));
});
