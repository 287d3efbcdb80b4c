import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits, type SourceDocument, type TextEdit } from '../../../../rules/workflow/document';
import {
  addStepEnv, deleteEntry, deleteItem, insertCommentLine, insertItem, insertJob, insertStep, literal, raw, renameKey, replaceScalar, replaceValue, setJobKey,
  setKey, setStepInput, setStepKey, setTopLevelKey, setTrailingComment, flow, type YamlValue,
} from '../../../../rules/workflow/edits';
import { asSequence } from '../../../../rules/workflow/nodes';
import { parseSource } from '../../../../rules/workflow/parse';
import { changed, commentsOf, corpusReason, corpusWorkflows, placesOf, readText, valueOf, type Json, type Place } from './support';
import { snippets } from './snippets';

const PATH = '.github/workflows/x.yml';

interface Sample { readonly print: YamlValue; readonly value: Json }
const plain = (value: Json): Sample => ({ print: value, value });
const samples: readonly Sample[] = [
  'read', 'yes', 'on', '1.10', '', ' padded ', 'a: b', 'x #y', '- z', '${{ github.ref || \'main\' }}', '{a}, [b]', 'it\'s "both"', 'back\\slash', 'Grüße 🚀', '*x', '---',
  'tab\there', 'bell\u0007', 'two\nlines\n', 'no final\nnewline', '  leading\nspace\n', '\nblank first\n', 'kept\n\n', 'a\n \nb\n', 'cr\rhere', '\u2028', 'null', '0x1f', 'key:', '?q', '-',
  '-1', '.5', '@at', '`', '%d', '=', '<<', '1:30', '!t', '|', '>', 'a,b', '# no', 'x\u0085y',
].map(plain).concat([
  plain(30), plain(-1.5), plain(true), plain(false), plain(null), plain([]), plain({}), plain(['a', 'b: c']), plain({ contents: 'read' }),
  plain({ a: { b: { c: ['d', { e: 'f', g: 'h\ni\n' }] } } }), plain([['x', 'y'], ['z']]), plain([{ run: 'a\nb\n', env: { A: '1' } }, null, 'c']), plain({ a: null, b: [], c: {} }),
  { print: literal('one line'), value: 'one line' },
  { print: literal('echo "$A"\n\n# text\n  deeper\n'), value: 'echo "$A"\n\n# text\n  deeper\n' },
  { print: flow(['main', 'a, b', { c: 'd' }]), value: ['main', 'a, b', { c: 'd' }] },
  { print: raw('contents: read\nissues: write'), value: { contents: 'read', issues: 'write' } },
  { print: raw('- a\n- b:\n    - c\n    - |\n      text\n        more\n  d: e'), value: ['a', { b: ['c', 'text\n  more\n'], d: 'e' }] },
]);

const JOB = 'runs-on: ubuntu-latest\nneeds:\n  - a\nsteps:\n  - run: |\n      one\n        two\n\n      three\n  - uses: x/y@v1\n    with:\n      a: b';
const JOB_VALUE: Json = { 'runs-on': 'ubuntu-latest', needs: ['a'], steps: [{ run: 'one\n  two\n\nthree\n' }, { uses: 'x/y@v1', with: { a: 'b' } }] };
const STEP = '- name: New\n  run: |\n    one\n      two\n  env:\n    A: b';
const STEP_VALUE: Json = { name: 'New', run: 'one\n  two\n', env: { A: 'b' } };

/** One edit: how it is made, what the file says afterwards, and which comments it may take with it. */
interface Attempt {
  readonly name: string;
  readonly edit: (doc: SourceDocument) => TextEdit[] | undefined;
  readonly expected: (before: Json) => Json;
  /** Makes the same edit on the changed document; must change nothing. */
  readonly again?: (doc: SourceDocument, place: Place | undefined) => TextEdit[] | undefined;
  readonly addsComment?: string;
  readonly replacesComment?: boolean;
  readonly removes?: boolean;
}

function attempts(doc: SourceDocument, place: Place, sample: Sample, n: number): Attempt[] {
  const set = (key: string) => (before: Json) => changed(before, [...place.path, key], (h, k) => { h[k] = sample.value; });
  const here = (value: Json) => (before: Json) => changed(before, place.path, (h, k) => { h[k] = value; });
  switch (place.kind) {
    case 'mapping': {
      const keys = place.node.entries.map(e => e.key.value);
      const neighbour = keys[n % (keys.length || 1)];
      const options = n % 3 === 0 ? {} : n % 3 === 1 ? { before: neighbour } : { after: neighbour };
      const again = (key: string): Attempt['again'] => (d, p) => (p?.kind === 'mapping' ? setKey(d, p.node, key, sample.print, options) : undefined);
      const old = keys[n % (keys.length || 1)];
      const all: Attempt[] = [{ name: `set new key ${JSON.stringify(options)}`, edit: d => setKey(d, place.node, 'new-key', sample.print, options), expected: set('new-key'), again: again('new-key') }];
      if (old !== undefined) all.push({ name: `set ${old}`, edit: d => setKey(d, place.node, old, sample.print), expected: set(old), again: again(old) });
      return all;
    }
    case 'entry': {
      const value: Attempt = {
        name: 'replaceValue', edit: d => replaceValue(d, place.entry, sample.print), expected: here(sample.value),
        again: (d, p) => (p?.kind === 'entry' ? replaceValue(d, p.entry, sample.print) : undefined),
      };
      const rename: Attempt = {
        name: 'renameKey', edit: d => renameKey(d, place.entry, 're: named'),
        expected: before => changed(before, place.path, (h, k) => { h['re: named'] = h[k]!; delete h[k]; }),
      };
      const comment: Attempt = { name: 'insertCommentLine', edit: d => insertCommentLine(d, d.range(place.entry).start, 'new'), expected: b => b, addsComment: '# new' };
      const { parent } = place;
      if (!parent) return [value, rename, comment];
      const remove: Attempt = {
        name: 'deleteEntry', edit: d => deleteEntry(d, place.entry, parent), expected: before => changed(before, place.path, (h, k) => { delete h[k]; }), removes: true,
      };
      return [value, rename, comment, remove];
    }
    case 'sequence': {
      const index = n % (place.node.items.length + 1);
      return [{
        name: `insertItem ${index}`, edit: d => insertItem(d, place.node, index, sample.print),
        expected: before => changed(before, place.path, (h, k) => { (h[k] as Json[]).splice(index, 0, sample.value); }),
      }];
    }
    case 'item':
      return [{
        name: 'deleteItem', edit: d => deleteItem(d, place.item, place.parent), removes: true,
        expected: before => changed(before, place.path, (h, k) => { (h as unknown as Json[]).splice(Number(k), 1); }),
      }];
    case 'scalar': {
      const text = typeof sample.value === 'string' ? sample.value : 'text';
      const keepStyle = n % 2 === 0;
      // What was no string may be read as a number again: then the value can't be told apart here.
      const all: Attempt[] = place.node.type !== 'string' ? [] : [{
        name: `replaceScalar ${String(keepStyle)}`, edit: d => replaceScalar(d, place.node, text, { keepStyle }), expected: here(text),
        again: (d, p) => (p?.kind === 'scalar' ? replaceScalar(d, p.node, text, { keepStyle }) : undefined),
      }];
      const comment: Attempt = {
        name: 'setTrailingComment', edit: d => setTrailingComment(d, place.node, 'v1.2.3'), expected: b => b, addsComment: '# v1.2.3', replacesComment: true,
        again: (d, p) => (p?.kind === 'scalar' ? setTrailingComment(d, p.node, 'v1.2.3') : undefined),
      };
      const offset = doc.range(place.node).start + (n % Math.max(1, place.node.end - place.node.start));
      return [...all, comment, { name: 'insertCommentLine', edit: d => insertCommentLine(d, offset, 'new'), expected: b => b, addsComment: '# new' }];
    }
  }
}

function workflowAttempts(doc: SourceDocument, sample: Sample, n: number): Attempt[] {
  const all: Attempt[] = [];
  for (const key of ['permissions', 'concurrency', 'env']) {
    all.push({
      name: `setTopLevelKey ${key}`, edit: d => setTopLevelKey(d, key, sample.print), expected: b => changed(b, [key], (h, k) => { h[k] = sample.value; }),
      again: d => setTopLevelKey(d, key, sample.print),
    });
  }
  const jobs = doc.workflow?.jobs ?? [];
  all.push({ name: 'insertJob', edit: d => insertJob(d, 'new-job', JOB, { after: jobs[n % (jobs.length || 1)]?.id }), expected: b => changed(b, ['jobs', 'new-job'], (h, k) => { h[k] = JOB_VALUE; }) });
  const job = jobs[n % (jobs.length || 1)];
  if (!job) return all;
  const path = ['jobs', job.id];
  all.push({
    name: 'setJobKey', edit: d => setJobKey(d, job, 'timeout-minutes', 15), expected: b => changed(b, [...path, 'timeout-minutes'], (h, k) => { h[k] = 15; }),
    again: d => setJobKey(d, d.workflow!.jobs.find(j => j.id === job.id)!, 'timeout-minutes', 15),
  });
  const index = n % (job.steps.length + 1);
  // Items that are no mapping are no steps: there `steps[index]` of the value is another one.
  const items = asSequence(job.stepsEntry?.value)?.items ?? [];
  if (items.length === job.steps.length) {
    all.push({ name: `insertStep ${index}`, edit: d => insertStep(d, job, index, STEP), expected: b => changed(b, [...path, 'steps'], (h, k) => { (h[k] as Json[]).splice(index, 0, STEP_VALUE); }) });
    const step = job.steps[index];
    if (step) {
      const at = [...path, 'steps', index];
      const same = (d: SourceDocument) => d.workflow!.jobs.find(j => j.id === job.id)!.steps[index]!;
      const into = (map: string, key: string) => (b: Json) => changed(b, [...at, map], (h, k) => {
        h[k] = { ...(h[k] as Record<string, Json> | null | undefined), [key]: sample.value };
      });
      all.push({ name: 'setStepInput', edit: d => setStepInput(d, step, 'NEW-input', sample.print), expected: into('with', 'NEW-input'), again: d => setStepInput(d, same(d), 'new-INPUT', sample.print) });
      all.push({ name: 'addStepEnv', edit: d => addStepEnv(d, step, 'NEW', sample.print), expected: into('env', 'NEW'), again: d => addStepEnv(d, same(d), 'NEW', sample.print) });
      all.push({ name: 'setStepKey', edit: d => setStepKey(d, step, 'timeout-minutes', 5), expected: b => changed(b, [...at, 'timeout-minutes'], (h, k) => { h[k] = 5; }) });
    }
  }
  return all;
}

const tally = new Map<string, { made: number; refused: number }>();

function check(doc: SourceDocument, attempt: Attempt, place: Place | undefined): void {
  const kind = attempt.name.split(' ')[0]!;
  const counts = tally.get(kind) ?? { made: 0, refused: 0 };
  tally.set(kind, counts);
  const edits = attempt.edit(doc);
  if (!edits) { counts.refused++; return; }
  counts.made++;
  const text = applyEdits(doc.text, edits);
  const say = () => `${attempt.name} at ${JSON.stringify(place?.path ?? [])}:\n${JSON.stringify(edits)}\n--- before\n${doc.text}\n--- after\n${text}`;
  assert.doesNotThrow(() => valueOf(text), say());
  const before = valueOf(doc.text);
  assert.deepEqual(valueOf(text), attempt.expected(before), say());

  const kept = new Map<string, number>();
  for (const c of commentsOf(text)) kept.set(c, (kept.get(c) ?? 0) + 1);
  const was = [...commentsOf(doc.text)];
  if (attempt.addsComment && edits.length) was.push(attempt.addsComment);
  let lost = 0;
  for (const c of was) {
    const n = kept.get(c) ?? 0;
    if (n === 0) lost++; else kept.set(c, n - 1);
  }
  const gone = edits.reduce((s, e) => s + commentsOf(doc.text.slice(e.start, e.end)).length, 0);
  assert.ok(lost <= (attempt.removes ? gone : attempt.replacesComment ? 1 : 0), `lost ${lost} comments\n${say()}`);
  assert.deepEqual([...kept.values()].filter(v => v > 0), [], `new comments\n${say()}`);

  if (!/(?:^|[^\r])\n/.test(doc.text)) assert.ok(!/(?:^|[^\r])\n/.test(text.replaceAll('\r\n', '')), `mixed line endings\n${say()}`);
  if (!doc.text.includes('\r')) assert.ok(!text.includes('\r'), say());
  assert.equal(/\n$/.test(text), /\n$/.test(doc.text), `final newline\n${say()}`);

  if (attempt.again && edits.length) {
    const next = parseSource(PATH, text);
    const twin = place && placesOf(next).find(p => p.kind === place.kind && JSON.stringify(p.path) === JSON.stringify(place.path)
      && (p.kind !== 'scalar' || place.kind !== 'scalar' || p.node.value === valueAt(text, place.path)));
    const repeat = attempt.again(next, twin);
    if (repeat) assert.equal(applyEdits(text, repeat), text, `not idempotent: ${JSON.stringify(repeat)}\n${say()}`);
  }
}

function valueAt(text: string, path: readonly (string | number)[]): Json | undefined {
  let v: Json | undefined = valueOf(text);
  for (const p of path) v = (v as Record<string | number, Json> | undefined)?.[p];
  return v;
}

const forms: readonly ((text: string) => string)[] = [t => t, t => t.replace(/\r?\n/g, '\r\n'), t => t.replace(/\r?\n$/, '')];

function parses(text: string): boolean {
  try { valueOf(text); return true; } catch { return false; }
}

describe('edits keep everything else', () => {
  it('on awkward snippets: every edit at every place', function () {
    this.timeout(600_000);
    for (const snippet of snippets) {
      for (const form of forms) {
        const doc = parseSource(PATH, form(snippet));
        const places = placesOf(doc);
        assert.ok(places.length > 10, snippet);
        places.forEach((place, i) => {
          for (const k of [0, 1]) {
            const sample = samples[(i * 3 + k) % samples.length]!;
            for (const attempt of attempts(doc, place, sample, i + k)) check(doc, attempt, place);
          }
        });
        for (let n = 0; n < 12; n++) for (const attempt of workflowAttempts(doc, samples[n * 5 % samples.length]!, n)) check(doc, attempt, undefined);
      }
    }
  });

  const files = corpusWorkflows();
  it(`on real workflows: random edits at random places${corpusReason ? ` (skipped: ${corpusReason})` : ''}`, function () {
    if (corpusReason) this.skip();
    this.timeout(600_000);
    fc.assert(fc.property(
      fc.nat(files.length - 1), fc.nat(forms.length - 1), fc.nat(10_000), fc.nat(samples.length - 1), fc.nat(50), fc.nat(50),
      (file, form, at, sample, n, which) => {
        const text = forms[form]!(readText(files[file]!));
        if (text.length > 30_000 || !parses(text)) return;
        const doc = parseSource(PATH, text);
        const places = placesOf(doc);
        const place = places[at % places.length];
        if (!place) return;
        const some = attempts(doc, place, samples[sample]!, n);
        check(doc, some[which % some.length]!, place);
        const more = workflowAttempts(doc, samples[sample]!, n);
        check(doc, more[which % more.length]!, undefined);
      },
    ), { numRuns: Number(process.env['EDITS_RUNS'] ?? 200), seed: Number(process.env['EDITS_SEED'] ?? 7) });
  });

  it('never throw on half-typed text, and leave it no worse where they do something', function () {
    this.timeout(60_000);
    fc.assert(fc.property(
      fc.nat(snippets.length - 1), fc.nat(2000), fc.nat(60), fc.constantFrom('', '\t', '"', '{', '- ', ': ', '*x', '&x ', '|\n', '\r', '# '), fc.nat(10_000), fc.nat(samples.length - 1), fc.nat(50),
      (which, at, cut, junk, pick, sample, n) => {
        const whole = snippets[which]!;
        const from = at % whole.length;
        const doc = parseSource(PATH, whole.slice(0, from) + junk + whole.slice(from + cut));
        const places = placesOf(doc);
        const place = places[pick % (places.length || 1)];
        const some = [...(place ? attempts(doc, place, samples[sample]!, n) : []), ...workflowAttempts(doc, samples[sample]!, n)];
        for (const attempt of some) {
          const edits = attempt.edit(doc);
          if (edits && doc.problems.length === 0 && parses(doc.text)) assert.ok(parses(applyEdits(doc.text, edits)), `${attempt.name}\n${doc.text}\n---\n${applyEdits(doc.text, edits)}`);
        }
      },
    ), { numRuns: Number(process.env['EDITS_RUNS'] ?? 300), seed: Number(process.env['EDITS_SEED'] ?? 7) });
  });

  it('and are made, not refused, nearly everywhere', () => {
    const low = [...tally].filter(([, c]) => c.made + c.refused >= 50 && c.made / (c.made + c.refused) < 0.6).map(([k, c]) => `${k}: ${c.made} of ${c.made + c.refused}`);
    assert.deepEqual(low, []);
    assert.ok([...tally.values()].reduce((s, c) => s + c.made, 0) > 2000);
  });
});
