import { definePractice } from '../practice';
import { dirname, isSample, isVendored, repoFacts, type Repository } from '../../repository';
import { jobScaffold, type JobPlan } from '../shared/scaffold';
import { checkoutStep, jobHead, runStep, shellText } from '../shared/snippets';
import { toolVerdict } from '../shared/verdict';
import { manifestTexts } from '../shared/web';

/** Descriptions of interfaces that others hold on to: not what is generated, nor what is called internal. */
function contracts(repo: Repository): { openapi: string[]; proto: string[]; pact: string | undefined } {
  const { stack } = repoFacts(repo);
  const kept = (f: string): boolean => !isVendored(f) && !isSample(f) && !/(?:^|\/)(?:gen|generated|internal|google\/(?:api|protobuf))\//.test(f);
  return {
    openapi: stack.openapi.filter(kept),
    proto: repo.files.filter(f => f.endsWith('.proto') && kept(f)),
    pact: manifestTexts(repo)
      .find(m => /@pact-foundation\/|pact-jvm|au\.com\.dius\.pact|pact-python|\bpactman\b|PactNet|schemathesis/.test(m.text))?.path
      ?? repo.files.find(f => /(?:^|\/)pacts\/[^/]+\.json$/.test(f) && !isVendored(f)),
  };
}

const LOOKED_FOR = 'Schemathesis, Dredd, Pact, oasdiff --fail-on, buf breaking or another contract test that runs on pull requests and can fail';

export default definePractice({
  id: 'contract-tests',
  title: 'Contract tests',
  category: 'Quality',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Pull requests are held to the interface that others rely on.',
    why: 'Who calls the service finds out about a field that is gone when their own product breaks.',
    references: [
      'https://schemathesis.readthedocs.io/',
      'https://www.oasdiff.com/docs/breaking-changes',
      'https://buf.build/docs/breaking/',
      'https://docs.pact.io/',
    ],
  },
  applies(repo) {
    const { openapi, proto, pact } = contracts(repo);
    return openapi.length > 0 || proto.length > 0 || pact !== undefined;
  },
  evidence: repo => toolVerdict(repo, 'contract', LOOKED_FOR),
  scaffold: jobScaffold({
    title: 'Add a contract-tests job',
    there: repo => toolVerdict(repo, 'contract', LOOKED_FOR).result === 1 ? 'Contract tests run on pull requests already.' : undefined,
    plan,
  }),
});

function plan(repo: Repository): JobPlan | { readonly refused: string } {
  const { openapi, proto } = contracts(repo), file = openapi[0];
  if (file === undefined
    && proto.length === 0) return { refused: 'There is no OpenAPI file and no .proto file here that a pull request could be compared with.' };
  const steps: string[] = [], todo: string[] = [];
  if (file !== undefined) {
    const name = shellText(file);
    steps.push(...runStep('Compare the description of the API', [
      '# A description that is new has nobody who relies on it.',
      `if ! git cat-file -e "$BASE:"${name}; then exit 0; fi`,
      `git show "$BASE:"${name} > "$RUNNER_TEMP/base-openapi"`,
      `go run github.com/oasdiff/oasdiff@v1.11.7 breaking --fail-on ERR "$RUNNER_TEMP/base-openapi" ${name}`,
    ]));
    todo.push('This holds the description to what it was. To hold the service to its description as well, start it in a job and run Schemathesis against it.');
    if (openapi.length > 1) todo.push(`There are more descriptions: ${openapi.slice(1, 6).join(', ')}. Add the same lines for each.`);
  }
  if (proto.length > 0) {
    const config = repo.files.find(f => /(?:^|\/)buf\.(?:work\.)?yaml$/.test(f) && !isVendored(f));
    const dir = config === undefined ? dirname(proto[0]!).split('/')[0] ?? '' : dirname(config);
    const input = dir === '' ? '.' : shellText(dir);
    steps.push(...runStep('Compare the protocol buffers', [
      `go run github.com/bufbuild/buf/cmd/buf@v1.59.0 breaking ${input} --against ".git#ref=$BASE${dir === '' ? '' : `,subdir=${dir.replaceAll(/[^\w./-]/g, '')}`}"`]));
    if (config === undefined) todo.push(`Check that ${dir === '' ? 'the root' : dir} is where imports of the .proto files begin, or add a buf.yaml.`);
  }
  return {
    jobs: [{ id: 'contract-tests', proposalsOnly: true, yaml: [...jobHead('Contract tests', 15), "if: github.event_name == 'pull_request'",
      'env:', '  BASE: ${{ github.event.pull_request.base.sha }}',
      'steps:', ...checkoutStep({ fetchDepth: 0, name: 'Check out with its history' }), ...steps] }],
    explanation: `Adds a job that compares ${[file, ...(proto.length > 0 ? ['the .proto files'] : [])].filter(Boolean).join(' and ')} with the branch that a pull request goes to, and fails when callers would break.`,
    todo,
  };
}
