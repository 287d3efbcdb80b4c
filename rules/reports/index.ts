/** Documents made from the truth: what the repository holds, what was found in it, and nothing else. */
import type { GeneratedDocument } from '../practices/practice';
import type { Assessment } from './assess';
import { complianceDocument } from './compliance/document';
import { pipelineDocument } from './diagram/document';
import { threatDocument } from './threat-model/document';

export { assess, isOpen, ordered, type Assessment, type AssessOptions } from './assess';
export { badgeScore } from './badge';
export { overviewDiagram, pipelineDiagram, type DiagramOptions } from './diagram';
export { pipelineDocument } from './diagram/document';
export { audit, type Audit, type AuditOptions } from './audit';
export { readBaseline, type Baseline, type Comparison } from './audit/baseline';
export { auditHtml, auditMarkdown } from './audit/document';
export { complianceMap, type MappedStandard, type Standing } from './compliance';
export { complianceDocument } from './compliance/document';
export { threatModel, type Risk, type ThreatEntry } from './threat-model';
export { threatDocument } from './threat-model/document';

/** What scaffolds of documents write. The repository is assessed when the first document asks for it. */
export function documentWriter(repo: Assessment['repo'], assess: () => Assessment): (document: GeneratedDocument) => string {
  let made: Assessment | undefined;
  const known = (): Assessment => made ??= assess();
  return document => {
    switch (document) {
      case 'pipeline': return pipelineDocument(repo);
      case 'compliance': return complianceDocument(repo, known().card, known().findings);
      case 'threat-model': return threatDocument(repo, known().card, known().findings);
    }
  };
}
