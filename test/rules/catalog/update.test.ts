import assert from 'node:assert/strict';
import {
  advisoriesFor, catalogCounts, catalogDate, embeddedDate, explainPin, knownInputs, knownRepositories, makeUpdate, readCatalogUpdate, resolvePin, runtimeOf,
  useCatalogUpdate, versionOf, versionsOn, type CatalogUpdate, type Published, type PublishedAdvisory,
} from '../../../rules/catalog';
import * as catalog from '../../../rules/catalog';
import { embeddedActions, record } from '../../../rules/catalog/store';
import { releaseNumbers } from '../../../rules/catalog/versions';

const A = 'a'.repeat(40), B = 'b'.repeat(40);
const TODAY = '2999-01-01';
const ADVISORY: PublishedAdvisory = {
  action: 'actions/cache', id: 'GHSA-aaaa-bbbb-cccc', severity: 'high', kind: 'vulnerability', published: '2998-12-31', ranges: [['4.0.0', '999.0.0']], patched: '999.0.0', summary: 'It leaks.',
};

/** What GitHub says where nothing has changed: all that the checked-in data knows, moving tags among it. */
function asEmbedded(name: string): Map<string, string> {
  const known = record(name)!;
  const tags = new Map(known.tags.map(t => [t.name, known.sha(t)]));
  const [owner = '', repo = ''] = name.split('/');
  for (const tag of [...(known.meta.floats ?? '').split(' '), ...Object.keys(known.meta.moving ?? {})].filter(t => t !== '' && !tags.has(t))) {
    const version = catalog.versionNamed(owner, repo, tag);
    if (version !== undefined) tags.set(tag, known.sha(known.tag(version)!));
  }
  return tags;
}

const made = (tags: Published['tags'], advisories: readonly PublishedAdvisory[] = []): ReturnType<typeof makeUpdate> => makeUpdate({ date: TODAY, tags, advisories });
/** As it comes back from a file. */
const read = (update: CatalogUpdate): CatalogUpdate => {
  const sound = readCatalogUpdate(JSON.parse(JSON.stringify(update)));
  assert.ok(sound);
  return sound;
};

describe('catalogue: news', () => {
  afterEach(() => { useCatalogUpdate(undefined); });

  it('change no answer where nothing is new', () => {
    const published = new Map(knownRepositories().map(name => [name, asEmbedded(name)]));
    const ask = (): unknown[] => [...published].flatMap(([name, tags]) => {
      const [owner = '', repo = ''] = name.split('/');
      return [...tags].map(([tag, sha]) => [name, tag, explainPin(owner, repo, tag), versionOf(owner, repo, sha), versionsOn(owner, repo, sha), runtimeOf(owner, repo, tag), knownInputs(owner, repo, tag)]);
    });
    const before = ask();
    const counts = catalogCounts();
    const { update, changes } = made(published);
    assert.deepEqual(changes, { versions: [], moved: [], advisories: [] });
    assert.equal(useCatalogUpdate(read(update)), true);
    assert.deepEqual(ask(), before);
    assert.deepEqual(catalogCounts(), counts);
    assert.ok(before.length > 3000, `${before.length} tags`);
  });

  it('bring new versions, which floating tags name then', () => {
    const tags = asEmbedded('actions/checkout').set('v7.99.0', A).set('v7', A);
    const { update, changes } = made(new Map([['actions/checkout', tags]]));
    assert.deepEqual(changes.versions, [{ name: 'actions/checkout', tags: ['v7.99.0'] }]);
    useCatalogUpdate(read(update));
    assert.deepEqual(resolvePin('actions', 'checkout', 'v7'), { sha: A, version: 'v7.99.0' });
    assert.equal(versionOf('Actions', 'Checkout', A), 'v7.99.0');
    assert.equal(catalogDate, TODAY);
    assert.equal(knownInputs('actions', 'checkout', 'v7.99.0')?.fit, 'other', 'nobody has read its inputs');
    assert.equal(runtimeOf('actions', 'checkout', 'v7.99.0'), undefined);
    assert.deepEqual(made(new Map([['actions/checkout', tags]])).changes.versions, [], 'what is known is not new');
    useCatalogUpdate(undefined);
    assert.notEqual(resolvePin('actions', 'checkout', 'v7')?.sha, A);
    assert.equal(catalogDate, embeddedDate);
  });

  it('keep a floating tag where its owner left it behind, and one that is a commit of its own', () => {
    const tags = asEmbedded('actions/checkout').set('v7.99.0', A);
    useCatalogUpdate(read(made(new Map([['actions/checkout', tags]])).update));
    assert.equal(resolvePin('actions', 'checkout', 'v7')?.version, catalog.versionNamed('actions', 'checkout', tags.get('v7')!));
    assert.notEqual(resolvePin('actions', 'checkout', 'v7')?.version, 'v7.99.0');
    useCatalogUpdate(read(made(new Map([['actions/checkout', asEmbedded('actions/checkout').set('v7', B)]])).update));
    assert.deepEqual(resolvePin('actions', 'checkout', 'v7'), { sha: B, version: 'v7' });
  });

  it('pin no version whose tag was moved', () => {
    const before = resolvePin('actions', 'cache', 'v4.2.3')!;
    const { update, changes } = made(new Map([['actions/cache', asEmbedded('actions/cache').set('v4.2.3', A)]]));
    assert.deepEqual(changes.moved, [{ name: 'actions/cache', tag: 'v4.2.3', from: before.sha, to: A }]);
    useCatalogUpdate(read(update));
    const answer = explainPin('actions', 'cache', 'v4.2.3');
    assert.equal(answer.kind, 'pin');
    assert.match(answer.kind === 'pin' ? answer.pin.note ?? '' : '', /the tag v4\.2\.3 was moved after its release/);
    assert.equal(versionOf('actions', 'cache', before.sha), 'v4.2.3', 'its first commit is still known');
  });

  it('bring advisories, which pins heed', () => {
    const known = advisoriesFor('tj-actions', 'changed-files', 'v45.0.7').length;
    const { update, changes } = made(new Map(), [ADVISORY, { ...ADVISORY, id: 'GHSA-mrrh-fwg8-r2c3', action: 'tj-actions/changed-files' }]);
    assert.deepEqual(changes.advisories, [{ id: ADVISORY.id, action: 'actions/cache', summary: 'It leaks.' }]);
    useCatalogUpdate(read(update));
    assert.deepEqual(advisoriesFor('actions', 'cache', 'v4').map(a => a.id), [ADVISORY.id]);
    assert.equal(explainPin('actions', 'cache', 'v4').kind, 'refused');
    assert.equal(advisoriesFor('tj-actions', 'changed-files', 'v45.0.7').length, known, 'what is checked in is as it was');
  });

  it('take in no more than anybody meets', () => {
    const tags = asEmbedded('actions/checkout');
    for (let i = 0; i < 500; i++) tags.set(`v900.0.${i}`, i.toString(16).padStart(40, '0'));
    const { update } = made(new Map([['actions/checkout', tags]]));
    const [, names = ''] = update.actions[0]!;
    assert.equal(names.split(' ').length, 100);
    assert.ok(names.startsWith('v900.0.499 '));
    assert.ok(embeddedActions().every(([name]) => releaseNumbers(name).length === 0));
  });

  it('are left out where they are older than what is checked in', () => {
    const { update } = made(new Map([['actions/checkout', asEmbedded('actions/checkout').set('v7.99.0', A)]]));
    assert.equal(useCatalogUpdate({ ...update, date: '2020-01-01' }), false);
    assert.equal(versionOf('actions', 'checkout', A), undefined);
  });

  it('are taken whole or not at all', () => {
    const { update } = made(new Map([['actions/checkout', asEmbedded('actions/checkout').set('v7.99.0', A)]]), [ADVISORY]);
    read(update);
    const action = update.actions[0]!;
    const broken: unknown[] = [
      null, [], 'x', {}, { ...update, format: 2 }, { ...update, date: 'today' }, { ...update, actions: {} }, { ...update, advisories: undefined },
      { ...update, actions: [['not a name', ...action.slice(1)]] }, { ...update, actions: [[action[0], `${action[1]} v1.0.0`, action[2], action[3]]] },
      { ...update, actions: [[action[0], 'main', action[2], action[3]]] }, { ...update, actions: [[action[0], action[1], action[2].replace(/./, '!'), action[3]]] },
      { ...update, actions: [[action[0], action[1], action[2], { ...action[3], moving: { v1: 'main' } }]] },
      { ...update, actions: [[action[0], action[1], action[2], { ...action[3], retagged: { 'v1.0.0': 'short' } }]] },
      { ...update, actions: [[action[0], action[1], action[2], { ...action[3], floats: 7 }]] },
      ...[{ id: 'CVE-1' }, { action: '../x' }, { severity: 'bad' }, { kind: 'x' }, { published: '' }, { ranges: [] }, { ranges: [['1', '']] }, { ranges: [['=1', '2']] }, { ranges: [['a', 'b']] },
        { summary: 'a\u001b[31mb' }, { summary: 'x'.repeat(301) }, { patched: 'latest' }, { cve: 'x' }].map(part => ({ ...update, advisories: [{ ...ADVISORY, ...part }] })),
    ];
    for (const value of broken) assert.equal(readCatalogUpdate(value), undefined, JSON.stringify(value)?.slice(0, 200));
  });
});
