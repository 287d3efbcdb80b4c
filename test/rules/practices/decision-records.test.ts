import assert from 'node:assert/strict';
import { practice, practiceCases, repository, verdict } from './support';

const RECORD = '# 1. Use PostgreSQL\n\n## Context\n\nWe need transactions.\n\n## Decision\n\nWe will use PostgreSQL.\n';

describe('decision-records', () => {
  practiceCases('decision-records', {
    met: {
      'a record in docs/adr': { 'docs/adr/0001-postgresql.md': RECORD },
      'MADR in docs/decisions, with a template and an index': { 'docs/decisions/0002-x.md':
        '# X\n## Context and Problem Statement\nSlow.\n## Decision Outcome\nChosen option: "cache", because it is fast.\n',
        'docs/decisions/template.md': '', 'docs/decisions/README.md': '' },
      'prose': { 'doc/architecture-decisions/a.rst': 'We decided to leave it, because nobody uses it.' },
      'a numbered proposal': { 'docs/rfcs/0007-keys.md': RECORD },
      'a design that OpenSpec has archived': { 'openspec/changes/archive/2020-01-02-cache/design.md': '# Cache\n\n## Context\n\nSlow.\n\n## Decisions\n\n- Keep it in memory.\n',
        'openspec/changes/archive/2020-01-02-cache/tasks.md': '- [x] all\n' },
      'records before proposals': { 'docs/adr/0001-a.md': RECORD, 'docs/rfcs/0002-b.md': '# B\n' },
      'CRLF': { 'adr/1.md': RECORD.replaceAll('\n', '\r\n') },
    },
    partial: { 'one of two says nothing': { 'docs/adr/0001-a.md': RECORD, 'docs/adr/0002-b.md': '# B\n\nTo be written.\n' } },
    missing: {
      'nothing': { 'README.md': '# X' },
      'a design of OpenSpec that is still open': { 'openspec/changes/cache/design.md': RECORD },
      'designs without a number': { 'docs/design/colours.md': RECORD },
      'a proposal that decides nothing': { 'docs/design/003-cache.md': '# Cache\n\nIt could be faster.\n' },
      'a template alone (decoy)': { 'docs/adr/template.md': RECORD },
      'an empty record': { 'docs/adr/0001-a.md': '' },
      'a decision in a comment': { 'docs/adr/0001-a.md': `<!--\n${RECORD}-->\n` },
      'somebody else’s': { 'node_modules/x/docs/adr/0001-a.md': RECORD },
    },
    notApplicable: 'decisions are made everywhere',
  });

  it('is unknown where records can’t be read', () => {
    const repo = { ...repository({}), files: ['docs/adr/0001-a.md'], read: () => undefined, has: () => true, document: () => undefined, documents: [] };
    assert.equal(practice('decision-records').evidence(repo).result, 'unknown');
  });

  it('doesn’t write beside records that are there', () => {
    const made = practice('decision-records').scaffold!.plan(repository({ 'docs/adr/0001-a.md': '# A\n' }));
    assert.ok('refused' in made && /0001-a\.md/.test(made.refused));
    assert.match(verdict('decision-records', { 'docs/adr/template.md': '' })!.lookedFor[1]!, /template/);
  });
});
