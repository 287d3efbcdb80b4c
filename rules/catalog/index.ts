/**
 * What is known about the world: actions and their commits, advisories, archived actions, runners, scopes of the token, and what
 * commands need of it. The data is checked in under `data/`, made by `scripts/generate-catalog.mjs`, and indexed on first use.
 * Owners and repositories compare without case; refs compare as written.
 */
/** The day the data was put together or brought up to date, `YYYY-MM-DD`. Shown to users as the catalogue's date. */
export { CATALOG_DATE as catalogDate, EMBEDDED_DATE as embeddedDate } from './store';
export { catalogCounts, type CatalogCounts } from './counts';
export {
  isAdvisory, knownRepositories, makeUpdate, readCatalogUpdate, useCatalogUpdate, type CatalogChanges, type CatalogUpdate, type Published, type PublishedAdvisory,
} from './update';

export { lookupAction, knowsRepository, knownInputs, runtimeOf, actionNames, type ActionInfo, type KnownInputs } from './actions';
export { eventInfo, eventNames, type EventInfo } from './events';
export { advisoriesFor, isMalicious, archivedAction, isArchived, type Advisory, type Archived } from './advisories';
export {
  resolvePin, explainPin, laterPin, versionNamed, commitNamed, versionOf, versionsOn, newestPin, newestKnown, refKind, checkoutHasForkGuard,
  type LaterPin, type Pin, type PinAnswer,
} from './pins';
export {
  runnerLabel, runnerLabels, runtimeStatus, retiredVersion, SELF_HOSTED_LABELS, type RunnerLabel, type Runtime, type RetiredVersion,
} from './runners';
export { SCOPES, scopeInfo, mergeScopes, type Access, type ScopeInfo, type Scopes } from './scopes';
export { optionalScopes, tokenPermissions, usesGithubToken, isRunToken, isOtherToken, type Inputs } from './token-permissions';
export { scriptPermissions } from './github-script';
export { commandPermissions } from './commands';
export { isFullSha, isShortSha, isReleaseTag } from './versions';
