import assert from 'node:assert/strict';
import {
  actionNames, advisoriesFor, archivedAction, checkoutHasForkGuard, explainPin, isArchived, isMalicious, isShortSha, laterPin, lookupAction,
  newestKnown, newestPin, refKind, resolvePin, retiredVersion, runtimeOf, runtimeStatus, runnerLabel, SELF_HOSTED_LABELS, versionOf,
  versionsOn,
} from '../../../rules/catalog';

describe('catalogue: later versions', () => {
  const download = (ref: string, fit?: (v: string) => boolean) => laterPin('actions', 'download-artifact', ref, fit);

  it('takes the nearest sound version of the same major', () => {
    assert.equal(download('v4.1.0')?.version, 'v4.1.3');
    assert.deepEqual(download('eaceaf801fd36c7dee90939fad912460b18a1ffe'), download('v4.1.2'));
    assert.equal(download('v4.1.0')?.sha, '87c55149d96e628cc2ef7e6fc2aab372015aec85');
  });

  it('goes to the next major where nothing is left of this one, with the tag that its owner moves', () => {
    const later = laterPin('tj-actions', 'changed-files', 'v45.0.7');
    assert.match(later?.version ?? '', /^v46\./);
    assert.equal(later?.floating, 'v46');
    assert.equal(laterPin('dawidd6', 'action-download-artifact', 'v2')?.floating, undefined);
  });

  it('asks whether a version will do', () => {
    assert.equal(download('v4.1.0', v => v.startsWith('v5'))?.version.startsWith('v5.'), true);
    assert.equal(download('v4.1.0', () => false), undefined);
  });

  it('takes the newest of all for a commit that it does not know, and nothing for an action that it does not know', () => {
    assert.equal(laterPin('actions', 'checkout', '0'.repeat(40))?.sha, newestKnown('actions', 'checkout')?.sha);
    assert.equal(laterPin('octo-org', 'deploy', 'v1'), undefined);
  });

  it('names every version on a commit', () => {
    assert.deepEqual(versionsOn('actions', 'download-artifact', '87c55149d96e628cc2ef7e6fc2aab372015aec85'), ['v4.1.3']);
    assert.deepEqual(versionsOn('octo-org', 'deploy', '0'.repeat(40)), []);
  });
});

describe('catalogue: pins', () => {
  it('resolves a floating tag to the newest version of its line', () => {
    assert.deepEqual(resolvePin('actions', 'checkout', 'v4'), { sha: '11d5960a326750d5838078e36cf38b85af677262', version: 'v4.4.0' });
    assert.equal(resolvePin('actions', 'setup-node', 'v4')?.version.startsWith('v4.'), true);
    assert.equal(resolvePin('docker', 'login-action', 'v4')?.version, 'v4.6.0');
    assert.equal(resolvePin('shivammathur', 'setup-php', 'v2')?.version, '2.37.2');
  });

  it('compares owner and repository without case, and refs exactly', () => {
    assert.equal(resolvePin('Actions', 'CheckOut', 'v4')?.version, 'v4.4.0');
    assert.equal(resolvePin('actions', 'checkout', '4'), undefined);
  });

  it('resolves a full tag to itself', () => {
    assert.deepEqual(resolvePin('actions', 'checkout', 'v6.1.0'), { sha: 'd23441a48e516b6c34aea4fa41551a30e30af803', version: 'v6.1.0' });
    assert.equal(resolvePin('dawidd6', 'action-download-artifact', 'v6')?.version, 'v6');
  });

  it('takes the version that a floating tag names where its owner left it behind', () => {
    assert.equal(resolvePin('sigstore', 'cosign-installer', 'v3')?.version, 'v3.9.1');
    assert.equal(resolvePin('dorny', 'test-reporter', 'v1')?.version, 'v1');
  });

  it('replaces an unguarded, vulnerable or retagged version by the nearest sound one of its major and says why', () => {
    const old = resolvePin('actions', 'checkout', 'v4.2.2');
    assert.equal(old?.version, 'v4.4.0');
    assert.match(old?.note ?? '', /^v4\.2\.2 lacks the guard .*; v4\.4\.0 is the nearest sound version of the same major$/);
    assert.equal(resolvePin('actions', 'checkout', 'v3.5')?.version, 'v3.7.0');
    assert.match(resolvePin('actions', 'checkout', 'v4.0.0')?.note ?? '', /moved after its release/);
    const artifact = resolvePin('actions', 'download-artifact', 'v4.1.0');
    assert.equal(artifact?.version, 'v4.1.3');
    assert.match(artifact?.note ?? '', /GHSA-cxww-7g56-2vh6/);
  });

  it('refuses where the major has no sound version', () => {
    for (const [owner, repo, ref] of [['step-security', 'harden-runner', 'v1'], ['tj-actions', 'changed-files', 'v45'],
      ['dawidd6', 'action-download-artifact', 'v3'], ['actions', 'checkout', 'v1'], ['actions', 'checkout', 'v6-beta']] as const) {
      const answer = explainPin(owner, repo, ref);
      assert.equal(answer.kind, 'refused', `${owner}/${repo}@${ref}`);
      assert.equal(resolvePin(owner, repo, ref), undefined);
    }
  });

  it('knows branches, also those that look like versions', () => {
    assert.equal(explainPin('actions', 'checkout', 'main').kind, 'branch');
    assert.equal(explainPin('dtolnay', 'rust-toolchain', 'stable').kind, 'branch');
    assert.equal(explainPin('dtolnay', 'rust-toolchain', '1.80.0').kind, 'branch');
    assert.equal(explainPin('cypress-io', 'github-action', 'v6').kind, 'branch');
    assert.equal(explainPin('pypa', 'gh-action-pypi-publish', 'release/v1').kind, 'branch');
    assert.equal(refKind('somebody', 'unknown', 'v1'), 'unknown');
    assert.equal(refKind('somebody', 'unknown', 'main'), 'branch');
    assert.equal(explainPin('actions', 'checkout', 'v99').kind, 'unknown');
    assert.equal(explainPin('actions', 'checkout', '11d5960a326750d5838078e36cf38b85af677262').kind, 'unknown');
  });

  it('never gives an unsound commit, whatever is asked of any known action', () => {
    let asked = 0;
    for (const name of actionNames()) {
      const [owner = '', repo = '', path] = name.split('/');
      if (path) continue;
      const refs = (lookupAction(owner, repo)?.versions ?? []).flatMap(v => [v, v.split('.').slice(0, 2).join('.'), v.split('.')[0] ?? v]);
      for (const ref of new Set(refs)) {
        const pin = resolvePin(owner, repo, ref);
        if (!pin) continue;
        asked++;
        assert.match(pin.sha, /^[0-9a-f]{40}$/);
        assert.deepEqual(advisoriesFor(owner, repo, pin.sha), [], `${name}@${ref}`);
        assert.deepEqual(advisoriesFor(owner, repo, pin.version), [], `${name}@${ref}`);
        assert.equal(isMalicious(owner, repo, pin.sha), false);
        assert.notEqual(versionOf(owner, repo, pin.sha), undefined);
        assert.match(pin.version, /^[vV]?\d+(\.\d+)*$/);
        if (name === 'actions/checkout') assert.equal(checkoutHasForkGuard(pin.sha), true);
        // One action's `v1` names a commit of its v3; a replacement of ours must not do such a thing.
        if (pin.note) assert.equal((/\d+/.exec(pin.version) ?? [])[0], (/\d+/.exec(ref) ?? [])[0], `${name}@${ref} stays in its major`);
      }
    }
    assert.ok(asked > 3000, `only ${asked} refs were asked`);
  });

  it('gives the version of a commit, of a moved tag too', () => {
    assert.equal(versionOf('actions', 'checkout', '11d5960a326750d5838078e36cf38b85af677262'), 'v4.4.0');
    assert.equal(versionOf('actions', 'checkout', '11D5960A326750D5838078E36CF38B85AF677262'), 'v4.4.0');
    assert.equal(versionOf('actions', 'checkout', '3df4ab11eba7bda6032a0b82a6bb43b11571feac'), 'v4.0.0');
    assert.equal(versionOf('actions', 'checkout', '0'.repeat(40)), undefined);
    assert.equal(versionOf('actions', 'checkout', '0'.repeat(64)), undefined);
  });

  it('has a sound newest version of nearly every action, and throws for one it does not know', () => {
    assert.deepEqual(newestPin('ACTIONS', 'checkout'), { uses: 'actions/checkout', sha: '3d3c42e5aac5ba805825da76410c181273ba90b1', version: 'v7.0.1' });
    assert.equal(newestPin('github', 'codeql-action', 'analyze').uses, 'github/codeql-action/analyze');
    assert.throws(() => newestPin('nobody', 'nothing'), /no sound version/);
    const without = actionNames().filter(n => n.split('/').length === 2).filter(n => !newestKnown(n.split('/')[0] ?? '', n.split('/')[1] ?? ''));
    assert.deepEqual(without, []);
  });

  it('tells a short commit from a tag', () => {
    assert.equal(isShortSha('11d5960'), true);
    assert.equal(isShortSha('20231201'), false);
    assert.equal(isShortSha('v4'), false);
    assert.equal(isShortSha('deadbee'), false, 'no digit: as likely a word');
  });
});

describe('catalogue: guard of actions/checkout', () => {
  it('starts with the versions that have it', () => {
    for (const ref of ['v4.4.0', 'v7', 'v2', 'v3', 'v6.1.0', 'v5.1.0', 'main', '11d5960a326750d5838078e36cf38b85af677262']) {
      assert.equal(checkoutHasForkGuard(ref), true, ref);
    }
    for (const ref of ['v1', 'v4.2', 'v4.3.1', 'v2.7.0', 'v6.0.3', 'v6-beta', '3df4ab11eba7bda6032a0b82a6bb43b11571feac']) {
      assert.equal(checkoutHasForkGuard(ref), false, ref);
    }
    assert.equal(checkoutHasForkGuard('f'.repeat(40)), undefined);
    assert.equal(checkoutHasForkGuard('my-branch'), undefined);
  });
});

describe('catalogue: advisories', () => {
  const ids = (owner: string, repo: string, ref: string, path?: string): string[] => advisoriesFor(owner, repo, ref, path).map(a => a.id);

  it('finds them by tag, by floating tag and by commit', () => {
    assert.deepEqual(ids('tj-actions', 'changed-files', 'v45.0.7'), ['GHSA-mrrh-fwg8-r2c3']);
    assert.deepEqual(ids('tj-actions', 'changed-files', '0e58ed8671d6b60d0890c21b07f8835ace038e67'), ['GHSA-mrrh-fwg8-r2c3']);
    assert.deepEqual(ids('tj-actions', 'changed-files', 'v46.0.1'), []);
    assert.deepEqual(ids('actions', 'download-artifact', 'v4'), []);
    assert.deepEqual(ids('actions', 'download-artifact', 'v3'), []);
    assert.deepEqual(ids('actions', 'download-artifact', 'v4.1.2'), ['GHSA-cxww-7g56-2vh6']);
    assert.deepEqual(ids('github', 'codeql-action', 'v3.27.0'), ['GHSA-vqf5-2xx6-9wfm']);
    assert.deepEqual(ids('github', 'codeql-action', 'v3.28.2'), ['GHSA-vqf5-2xx6-9wfm']);
    assert.deepEqual(ids('github', 'codeql-action', 'v3.28.3'), []);
  });

  it('takes a floating tag of an action without known tags as affected only if its whole line is', () => {
    assert.deepEqual(ids('rlespinasse', 'github-slug-action', 'v4'), []);
    assert.deepEqual(ids('embano1', 'wip', 'v1'), ['GHSA-rg3q-prf8-qxmp']);
    assert.deepEqual(ids('embano1', 'wip', 'v2'), []);
    assert.deepEqual(ids('embano1', 'wip', 'main'), []);
  });

  it('keeps an advisory for one action of a repository to that action', () => {
    assert.deepEqual(ids('pytorch', 'pytorch', 'v1.0.0'), []);
    assert.deepEqual(ids('pytorch', 'pytorch', 'v1.0.0', '.github/actions/filter-test-configs'), ['GHSA-hw6r-g8gj-2987']);
  });

  it('knows the commits of attackers', () => {
    assert.equal(isMalicious('Reviewdog', 'action-setup', 'f0d342d24037bb11d26b9bd8496e0808ba32e9ec'), true);
    assert.equal(isMalicious('actions', 'checkout', '11d5960a326750d5838078e36cf38b85af677262'), false);
  });

  it('knows what is archived and what to use instead', () => {
    assert.deepEqual(archivedAction('Actions-RS', 'toolchain'), { status: 'archived', replacement: 'dtolnay/rust-toolchain' });
    assert.equal(isArchived('actions', 'attest-sbom'), false);
    assert.equal(archivedAction('actions', 'attest-sbom')?.status, 'deprecated');
    assert.equal(archivedAction('actions', 'checkout'), undefined);
  });
});

describe('catalogue: actions and runners', () => {
  it('describes an action, below a repository too', () => {
    const checkout = lookupAction('ACTIONS', 'checkout');
    assert.equal(checkout?.name, 'actions/checkout');
    assert.equal(checkout?.inputs?.includes('persist-credentials'), true);
    assert.deepEqual(checkout?.tokenInputs, ['token']);
    assert.equal(lookupAction('github', 'codeql-action', 'analyze')?.using, 'node24');
    assert.equal(lookupAction('actions', 'checkout', 'nothing'), undefined);
    assert.equal(lookupAction('nobody', 'nothing'), undefined);
  });

  it('knows the runtime of a version', () => {
    assert.equal(runtimeOf('actions', 'checkout', 'v2'), 'node12');
    assert.equal(runtimeOf('actions', 'checkout', 'v3'), 'node16');
    assert.equal(runtimeOf('actions', 'checkout', 'v4.2.2'), 'node20');
    assert.equal(runtimeOf('actions', 'checkout', '3d3c42e5aac5ba805825da76410c181273ba90b1'), 'node24');
    assert.equal(runtimeOf('actions', 'checkout', 'main'), undefined);
    assert.deepEqual(lookupAction('pre-commit', 'action')?.loose, ['actions/cache@v4']);
    assert.deepEqual(lookupAction('codecov', 'codecov-action')?.loose, []);
    assert.equal(runtimeOf('release-drafter', 'release-drafter', 'v6.0.0'), 'node20');
    // Known by its commit alone: nobody has read what it runs on.
    assert.equal(runtimeOf('actions', 'configure-pages', 'v5.0.0'), 'node20');
    assert.equal(runtimeOf('actions', 'configure-pages', 'v6.0.0'), undefined);
    assert.equal(runtimeStatus('node12')?.status, 'removed');
    assert.equal(runtimeStatus('node24')?.status, 'current');
    assert.equal(runtimeStatus('node99'), undefined);
  });

  it('knows labels of runners', () => {
    assert.equal(runnerLabel('Ubuntu-Latest')?.aliasOf, 'ubuntu-24.04');
    assert.equal(runnerLabel('ubuntu-20.04')?.retired, '2025-04-15');
    assert.equal(runnerLabel('my-runner'), undefined);
    assert.equal(SELF_HOSTED_LABELS.includes('self-hosted'), true);
  });

  it('knows versions that GitHub no longer runs', () => {
    assert.equal(retiredVersion('actions', 'upload-artifact', 'v3.1.0')?.since, '2025-01-30');
    assert.notEqual(retiredVersion('actions', 'upload-artifact', 'v2'), undefined);
    assert.equal(retiredVersion('actions', 'upload-artifact', 'v4.0.0'), undefined);
    assert.notEqual(retiredVersion('actions', 'cache', 'v3.3.1'), undefined);
    assert.notEqual(retiredVersion('actions', 'cache', 'v4.1.2'), undefined);
    assert.equal(retiredVersion('actions', 'cache', 'v3.4.0'), undefined);
    assert.equal(retiredVersion('actions', 'cache', 'v4.2.0'), undefined);
  });
});
