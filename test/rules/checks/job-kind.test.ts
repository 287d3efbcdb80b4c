/** How often the job classifier says of real jobs what somebody says who has read them. Its parts are tested in shared/job-kind.test.ts. */
import assert from 'node:assert/strict';
import { jobKinds } from '../../../rules/checks/shared/job-kind';
import { corpusFolder, corpusTitle } from '../../support/corpus';
import { agrees, drawSamples, jobKey, keyOf, type JobLabel, type SampledJob } from '../../support/job-sample';
import labels from './job-kinds.labels.json';

/** Lines on the jobs whose kinds aren't those of the table. */
function wrong(sample: readonly SampledJob[], table: readonly JobLabel[]): string[] {
  const byKey = new Map(table.map(label => [jobKey(label), label]));
  return sample.flatMap(sampled => {
    const label = byKey.get(keyOf(sampled));
    assert.ok(label, `${keyOf(sampled)} has no label: the corpus is another, or the draw was changed`);
    const found = jobKinds(sampled.job);
    const also = label.also?.length ? ` (also ${label.also.join(', ')})` : '';
    return agrees(found, label) ? [] : [`${keyOf(sampled)}: ${[...found].join(', ') || 'nothing'} instead of ${label.kinds.join(', ') || 'nothing'}${also}`];
  });
}

describe('what real jobs are for', () => {
  const test = corpusFolder ? it : it.skip;

  test(corpusTitle('is told right of at least 190 of the 200 jobs labelled by hand'), function () {
    const mistakes = wrong(drawSamples().first, labels.first);
    assert.equal(labels.first.length, 200);
    assert.ok(mistakes.length <= 10, `${mistakes.length} of 200 are wrong:\n${mistakes.join('\n')}`);
    for (const line of mistakes) console.log(`      wrong: ${line}`);
  });

  test(corpusTitle('is told right of most of 100 jobs that the classifier was not mended with'), () => {
    const mistakes = wrong(drawSamples().second, labels.second);
    assert.equal(labels.second.length, 100);
    assert.ok(mistakes.length <= 15, `${mistakes.length} of 100 are wrong:\n${mistakes.join('\n')}`);
  });

  it('counts what is missing and what is too much, and lets readers differ where they do', () => {
    const label = (kinds: string[], also?: string[]): JobLabel => ({ repository: 'r', file: 'f', job: 'j', kinds, ...(also ? { also } : {}) });
    const right = (found: string[], of: JobLabel) => agrees(new Set(found), of);
    assert.ok(right(['test'], label(['test'])) && right([], label([])) && right(['test', 'build'], label(['test'], ['build'])));
    assert.ok(!right([], label(['test'])) && !right(['build'], label(['test'], ['build'])) && !right(['test', 'lint'], label(['test'])) && !right(['test'], label([])));
    assert.ok(right(['build'], label(['build|lint'])) && right(['lint', 'build'], label(['build|lint'])) && !right(['test'], label(['build|lint'])));
  });

  it('has labels for no job twice and for no repository more than four times in a sample', () => {
    const keys = [...labels.first, ...labels.second].map(jobKey);
    assert.equal(new Set(keys).size, keys.length);
    for (const table of [labels.first, labels.second]) {
      for (const { repository } of table) assert.ok(table.filter(l => l.repository === repository).length <= 4, repository);
    }
  });
});
