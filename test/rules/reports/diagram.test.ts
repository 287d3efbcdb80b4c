import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createRepository, type Repository } from '../../../rules/repository';
import { labelText } from '../../../rules/practices/shared/mermaid-text';
import { overviewDiagram, pipelineDiagram } from '../../../rules/reports/diagram';
import { pipelineDocument } from '../../../rules/reports/diagram/document';
import { drawnWorkflows } from '../../../rules/reports/diagram/model';
import { corpusFolder, corpusTitle } from '../../support/corpus';
import { MermaidPage, browserPath, browserTitle } from './browser';
import { repository, type Files } from '../practices/support';

const path1 = '.github/workflows/ci.yml', path2 = '.github/workflows/release.yml';
const PIPELINE: Files = {
  [path1]: `name: CI
on:
  pull_request:
  push:
    branches: [main]
  schedule:
    - cron: '17 3 * * 1'
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: npx eslint .
  test:
    name: Unit tests
    needs: [lint, gone]
    strategy:
      matrix:
        node: [20, 22]
    runs-on: ubuntu-latest
    steps:
      - run: npm test
  build:
    needs: [lint, test]
    uses: ./.github/workflows/build.yml
  scan:
    needs: build
    if: \${{ github.ref == 'refs/heads/main' }}
    uses: octo/shared/.github/workflows/scan.yml@v1
`,
  [path2]: `name: Release
on:
  workflow_run:
    workflows: [CI]
    types: [completed]
jobs:
  deploy:
    environment: production
    runs-on: ubuntu-latest
    steps:
      - run: kubectl apply -f k8s
`,
  '.github/workflows/build.yml': 'on: workflow_call\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n',
  'templates/.github/workflows/not-run.yml': 'on: push\njobs:\n  other:\n    runs-on: x\n    steps: [{run: x}]\n',
};

/** Names that mean something to Mermaid, to Markdown, to HTML, or to whoever cuts text. */
const HOSTILE = [
  'end', 'graph TD', 'subgraph x', '"] --> evil["', 'a"]', '%%{init: {"theme":"dark"}}%%', '%% comment', '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>', '`**bold**`', '**bold** _em_ ~~x~~', '# heading', '- item', '1. item', '+ plus', '---', '```', '$$x^2$$', 'a;b;c', 'click a "javascript:alert(1)"',
  '#quot;#35;#x;', '&lt;b&gt;&amp;', '[link](javascript:alert(1))', '{{ }}', '(( ))', '@{ shape: cyl }', ':::release', 'A & B --> C', 'x -. y .-> z', '|pipe|', '\\', '\u202eevil', 'ünïcödé 漢字 🚀', 'https://example.org/a?b=c',
  'style w0 fill:#f00', 'linkStyle 0 stroke:red', 'accTitle: x', 'o'.repeat(500), '__proto__', 'constructor', 'default', "it's", '٣. عربي',
];
const quoted = (s: string): string => JSON.stringify(s);
const HOSTILE_FILES: Files = {
  '.github/workflows/a.yml': `name: ${quoted(HOSTILE[3]!)}\non:\n  push:\n    branches: [${HOSTILE.map(quoted).join(', ')}]\n  ${quoted('click w0 "javascript:alert(1)"')}:\njobs:\n${
    HOSTILE.map((h, i) => `  ${quoted(h)}:\n    name: ${quoted(`${h} ${i}`)}\n    if: ${quoted(h)}\n    environment: ${quoted(h)}\n${i > 0 ? `    needs: [${quoted(HOSTILE[i - 1]!)}]\n` : ''}    runs-on: x\n    steps: [{run: x}]\n`).join('')}`,
  ...Object.fromEntries(HOSTILE.slice(0, 12).map((h, i) => [`.github/workflows/w${i}.yml`,
    `name: ${quoted(h)}\non:\n  workflow_call:\n  workflow_run:\n    workflows: [${HOSTILE.slice(0, 12).map(quoted).join(', ')}]\njobs:\n  self:\n    uses: ./.github/workflows/w${i}.yml\n  next:\n    needs: next\n    uses: ./.github/workflows/w${(i + 1) % 12}.yml\n  far:\n    uses: ${quoted(`o/r/${h}@v1`)}\n`])),
  ".github/workflows/it's (odd) [name].yml": 'on: push\njobs:\n  a:\n    needs: b\n    runs-on: x\n  b:\n    needs: a\n    runs-on: x\n',
};

function checkout(name: string): Repository {
  const folder = path.join(corpusFolder!, name);
  return createRepository(readFileSync(path.join(folder, 'tree.txt'), 'utf8').split('\n').filter(Boolean),
    file => (existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), 'utf8') : undefined));
}

const fences = (markdown: string): string[] => [...markdown.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(m => m[1]!);

describe('the diagram of the pipelines', () => {
  it('draws triggers, jobs, needs, checks, environments and calls', () => {
    const text = pipelineDiagram(repository(PIPELINE));
    assert.equal(text, `flowchart LR
  subgraph w0["build.yml"]
    w0t(["workflow#95;call"])
    w0j0["build"]
  end
  subgraph w1["CI (ci.yml)"]
    w1t(["pull#95;request<br/>push#58; main<br/>schedule#58; 17 3 #42; #42; 1"])
    w1j0{{"lint"}}
    w1j1{{"test<br/>Unit tests<br/>(matrix)"}}
    w1j2[/"build"/]
    w1j3[/"scan<br/>if github.ref == #39;refs/heads/main#39;"/]
  end
  subgraph w2["Release (release.yml)"]
    w2t(["workflow#95;run#58; completed#59; CI"])
    w2j0[["deploy"]]
  end
  w0t --> w0j0
  w1t --> w1j0
  w1j0 --> w1j1
  w1j0 --> w1j2
  w1j1 --> w1j2
  w1j2 -.->|"calls"| w0
  w1j2 --> w1j3
  x0[/"workflow<br/>octo/shared/#46;github/workflows/scan.yml@v1"/]
  w1j3 -.->|"calls"| x0
  w2t --> w2j0
  e0[("environment<br/>production")]
  w2j0 --> e0
  w1 -.->|"completed"| w2t
  classDef check stroke:#2e7d32,stroke-width:2px
  classDef release stroke:#b35900,stroke-width:3px
  classDef environment stroke:#b35900,stroke-width:2px
  class w1j0,w1j1 check
  class w2j0 release
  class e0 environment
`.replaceAll('workflow#95;call', 'workflow_call').replaceAll('pull#95;request', 'pull_request').replaceAll('workflow#95;run', 'workflow_run'));
  });

  it('is a diagram of nothing where there is nothing', () => {
    assert.match(pipelineDiagram(repository({})), /^flowchart LR\n {2}none>"no workflow"\]\n/);
    assert.match(pipelineDiagram(repository({ [path1]: 'on: push\njobs:\n  a:\n' })), /w0j0\["a"\]/);
  });

  it('keeps inside what viewers read, and counts what it leaves out', () => {
    const job = (id: string, needs: string) => `  ${id}:\n    name: ${'long name '.repeat(20)}${id}\n${needs}    runs-on: x\n    steps: [{run: make}]\n`;
    const huge = repository({
      ...Object.fromEntries(Array.from({ length: 120 }, (_x, i) => [`.github/workflows/w${String(i).padStart(3, '0')}.yml`,
        `on: push\njobs:\n${Array.from({ length: 10 }, (_y, j) => job(`j${j}`, '')).join('')}`])),
      '.github/workflows/zz.yml': `on: push\njobs:\n${Array.from({ length: 90 }, (_y, j) => job(`deploy-${j}`, j > 0 ? `    needs: [${Array.from({ length: j }, (_z, k) => `deploy-${k}`).join(', ')}]\n` : '')).join('')}`,
    });
    const text = pipelineDiagram(huge), single = pipelineDiagram(huge, { workflow: '.github/workflows/zz.yml' });
    for (const t of [text, single, overviewDiagram(huge), ...fences(pipelineDocument(huge))]) {
      assert.ok(t.length < 50_000, String(t.length));
      assert.ok((t.match(/-->|-\.->/g) ?? []).length <= 500);
    }
    const shown = (text.match(/subgraph/g) ?? []).length, [, left] = /(\d+) more workflows with \d+ jobs not shown/.exec(text)!;
    assert.equal(shown + Number(left), 121);
    const jobs = (single.match(/^ {4}w0j\d+/gm) ?? []).length;
    assert.equal(jobs + Number(/(\d+) more jobs not shown/.exec(single)![1]), 90);
    assert.match(single, /more arrows not shown/);
    assert.match(pipelineDocument(huge), /^## Not drawn$/m);
  });

  it('gives every job in the page, in one picture or in several', () => {
    assert.equal(fences(pipelineDocument(repository(PIPELINE))).length, 1);
    const many = repository(Object.fromEntries(Array.from({ length: 12 }, (_x, i) => [`.github/workflows/w${i}.yml`, `on: push\njobs:\n  job-${i}:\n    runs-on: x\n    steps: [{run: make}]\n`])));
    const page = pipelineDocument(many);
    assert.equal(fences(page).length, 13);
    for (let i = 0; i < 12; i++) assert.ok(fences(page).some(f => labelText(f).includes(`"job-${i}"`)), `job-${i}`);
  });

  (browserPath ? describe : describe.skip)(browserTitle('in a real browser'), () => {
    let page: MermaidPage;
    before(async () => { page = await MermaidPage.open(); });
    after(async () => { await page?.close(); });

    async function renders(text: string): Promise<readonly string[]> {
      const { error, labels, foreign } = await page.render(text);
      assert.equal(error, undefined, `${error ?? ''}\n${text.slice(0, 2000)}`);
      assert.deepEqual(foreign, []);
      return labels;
    }

    it('notices a diagram that does not parse', async () => {
      assert.match((await page.render('flowchart LR\n  a["x" --> b\n')).error ?? '', /Parse error|Lexical error/);
    });

    it('renders what is drawn', async () => {
      const labels = await renders(pipelineDiagram(repository(PIPELINE)));
      for (const l of ['lint', 'test\nUnit tests\n(matrix)', 'environment\nproduction', 'workflow_call', 'CI (ci.yml)']) assert.ok(labels.includes(l), `${l} is not in ${JSON.stringify(labels)}`);
      assert.ok((await renders(overviewDiagram(repository(PIPELINE)))).includes('ci.yml\nCI\n4 jobs'));
      await renders(pipelineDiagram(repository({})));
      await renders(overviewDiagram(repository({})));
    });

    it('shows hostile names as they are', async () => {
      const repo = repository(HOSTILE_FILES);
      const text = pipelineDiagram(repo);
      const labels = (await renders(text)).map(l => l.replace(/\u200b/g, '').replace(/\s+/g, ' ')).join('\n');
      const shown = (h: string): boolean => labels.includes([...h.replace(/[\s\u202e]+/g, ' ').trim()].slice(0, 60).join(''));
      assert.deepEqual(HOSTILE.filter(h => !shown(h)), []);
      await renders(overviewDiagram(repo));
      for (const fence of fences(pipelineDocument(repo))) await renders(fence);
    });

    const test = corpusFolder ? it : it.skip;
    test(corpusTitle('renders real repositories, all jobs of the page included'), async function () {
      this.timeout(240_000);
      const sizes = readdirSync(corpusFolder!).filter(d => existsSync(path.join(corpusFolder!, d, 'tree.txt')))
        .map(name => ({ name, jobs: drawnWorkflows(checkout(name)).reduce((n, w) => n + w.jobs.length, 0) })).sort((a, b) => b.jobs - a.jobs);
      assert.ok(sizes.length > 40);
      const chosen = [...sizes.slice(0, 3), ...sizes.filter((_s, i) => i % 9 === 5)];
      for (const { name } of chosen) {
        const repo = checkout(name);
        await renders(pipelineDiagram(repo));
        const page = fences(pipelineDocument(repo));
        const texts = page.map(labelText).join('\n');
        for (const w of drawnWorkflows(repo)) for (const j of w.jobs) assert.ok(texts.includes(j.id), `${name}: ${j.id} of ${w.path} is not in the page`);
        for (const fence of page.slice(0, 6)) await renders(fence);
      }
    });
  });
});
