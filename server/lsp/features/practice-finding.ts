import type { Finding, SourceDocument } from '../../../rules';
import type { MissingPractice } from '../../workspace/score';

/** A missing practice as a finding on the `jobs:` key of a workflow, so that it is suppressed and shown like one. */
export function practiceFinding(document: SourceDocument, { practice, message }: MissingPractice): Finding | undefined {
  const jobs = document.workflow?.jobsEntry;
  if (!jobs) return undefined;
  const range = document.range(jobs.key);
  return {
    ruleId: practice.id, messageId: 'missing', message, severity: 'low', confidence: 'high', reasons: [], path: document.path, range,
    related: [], fixes: [], suppressed: null, key: `practice:${practice.id}`,
  };
}
