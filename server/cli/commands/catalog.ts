import { defineCommand } from 'citty';
import { catalogCounts, embeddedDate, knownRepositories, makeUpdate, type CatalogChanges } from '../../../rules/catalog';
import { version } from '../../version';
import { catalogFile, loadCatalog, saveCatalog, type LoadedCatalog } from '../../workspace/catalog-file';
import { finish, oneOf } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { networkOfEnvironment } from '../network';
import { plural, printable, write } from '../print';

export default defineCommand({
  meta: { name: 'catalog', description: 'Say what is known of actions, and bring it up to date' },
  args: {
    update: { type: 'boolean', description: 'Ask GitHub for new versions and advisories' },
    format: { type: 'string', description: 'text | json', default: 'text' },
    offline: { type: 'boolean', description: 'Never use the network' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, ['text', 'json'] as const);
    if (args._.length > 0) throw new CannotRun('catalog takes no path');
    const loaded = loadCatalog();
    if (!args.update) {
      await write(format === 'json' ? `${JSON.stringify(state(loaded), undefined, 2)}\n` : describe(loaded));
      return finish(EXIT.ok);
    }
    if (args.offline) throw new CannotRun('--update and --offline exclude each other');
    const file = catalogFile();
    if (file === undefined) throw new CannotRun('the system names no folder for caches: set XDG_CACHE_HOME');
    const { changes, missing } = await update(file);
    const now = loadCatalog();
    if (format === 'json') await write(`${JSON.stringify({ ...state(now), changes, missing }, undefined, 2)}\n`);
    else await write(`${changed(changes)}${missing.map(name => `${name} was not found, and stays as it was\n`).join('')}${describe(now)}`);
    finish(EXIT.ok);
  },
});

/** Throws `CannotRun` where anything went wrong: nothing was written then. */
async function update(file: string): Promise<{ readonly changes: CatalogChanges; readonly missing: readonly string[] }> {
  const network = networkOfEnvironment();
  const repositories = knownRepositories();
  const { host } = new URL(network.githubUrl);
  await write(`Asking ${host} about ${plural(repositories.length, 'repository').replace(/ys$/, 'ies')} …\n`, process.stderr);
  const { fetchCatalog } = await import('../../github/catalog-update');
  try {
    const { tags, advisories, missing } = await fetchCatalog(repositories, network);
    const made = makeUpdate({ date: new Date().toISOString().slice(0, 10), tags, advisories });
    saveCatalog(made.update, file);
    return { changes: made.changes, missing };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the look-up failed';
    throw new CannotRun(`the catalogue was not updated, nothing was changed: ${printable(reason)}`);
  }
}

function state(loaded: LoadedCatalog): object {
  return { version: 1, product: version, embedded: embeddedDate, update: loaded, ...catalogCounts() };
}

function describe(loaded: LoadedCatalog): string {
  const { actions, repositories, versions, advisories, archived } = catalogCounts();
  const lines = [
    `ci-hardening ${version}, catalogue of ${embeddedDate}`,
    `${actions} actions of ${repositories} repositories, ${versions} versions, ${advisories} advisories, ${archived} archived or given up`,
  ];
  if (loaded.state === 'used') lines.push(`Updated on ${loaded.date}: ${printable(loaded.file)}`);
  if (loaded.state === 'old') lines.push(`${printable(loaded.file)} is older than the catalogue that is built in, and left out`);
  if (loaded.state === 'broken') lines.push(`${printable(loaded.file)} is broken, and left out: \`ci-hardening catalog --update\` makes it anew`);
  return `${lines.join('\n')}\n`;
}

function changed({ versions, moved, advisories }: CatalogChanges): string {
  const lines = [
    ...versions.map(v => `${v.name}: ${v.tags.slice(0, 5).join(', ')}${v.tags.length > 5 ? ` and ${v.tags.length - 5} more` : ''}`),
    ...moved.map(m => `${m.name}: ${m.tag} was moved from ${m.from.slice(0, 7)} to ${m.to.slice(0, 7)}, and is not pinned any more`),
    ...advisories.map(a => `${a.action}: ${a.id} ${a.summary}`),
  ];
  return lines.length === 0 ? 'Nothing is new.\n' : `${lines.map(printable).join('\n')}\n`;
}
