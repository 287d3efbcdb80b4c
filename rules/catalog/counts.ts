import { knownAdvisories } from './advisories';
import archivedData from './data/archived.json';
import { recordNames, repositoryRecord } from './store';

export interface CatalogCounts {
  readonly actions: number;
  readonly repositories: number;
  readonly versions: number;
  readonly advisories: number;
  readonly archived: number;
}

/** How much the catalogue that is in use knows. */
export function catalogCounts(): CatalogCounts {
  const names = recordNames();
  const repositories = new Set(names.map(n => n.split('/').slice(0, 2).join('/').toLowerCase()));
  const versions = [...repositories].reduce((n, name) => n + (repositoryRecord(...(name.split('/') as [string, string]))?.tags.length ?? 0), 0);
  return {
    actions: names.length, repositories: repositories.size, versions, advisories: new Set(knownAdvisories(true).map(a => a.id)).size, archived: archivedData.length,
  };
}
