import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { audit, auditHtml, auditMarkdown, badgeScore, pipelineDiagram } from '../../../rules/reports';
import type { DiagramParams, DiagramResult, ReportParams, ReportResult } from '../../protocol';
import type { RepositoryState } from '../../workspace/repository-state';
import { assessmentOf } from '../../workspace/score';
import { nameOf } from '../../workspace/uris';

/** The audit of a repository, or its badge, as text of the format that is asked for. */
export function report(state: RepositoryState, params: ReportParams): ReportResult {
  const assessment = assessmentOf(state);
  if (!assessment) throw new ResponseError(LSPErrorCodes.RequestFailed, 'A report is about a whole repository: open its folder.');
  if (params.format === 'badge') return { text: badgeScore(assessment.card), fileName: 'ci-hardening' };
  const name = nameOf(state.root), date = params.date !== undefined && /^\d{4}-\d\d-\d\d$/.test(params.date) ? params.date : new Date().toISOString().slice(0, 10);
  const target = params.target !== undefined && [2, 3, 4, 5].includes(params.target) ? { target: params.target } : {};
  const made = audit(assessment, { name, date, targets: state.configFor('').config.targets, ...target });
  const text = params.format === 'html' ? auditHtml(made) : params.format === 'json' ? `${JSON.stringify(made, undefined, 2)}\n` : auditMarkdown(made);
  return { text, fileName: `ci-hardening-${name.replace(/[^\w.-]+/g, '-')}-${date}` };
}

export function diagram(state: RepositoryState, params: DiagramParams): DiagramResult {
  const { repository } = state;
  if (!repository) throw new ResponseError(LSPErrorCodes.RequestFailed, 'A diagram is about a whole repository: open its folder.');
  if (params.workflow !== undefined && !repository.document(params.workflow)?.workflow) throw new ResponseError(LSPErrorCodes.RequestFailed, `There is no workflow at ${params.workflow}.`);
  return { mermaid: pipelineDiagram(repository, params.workflow === undefined ? {} : { workflow: params.workflow }) };
}
