/** Words about paths. All paths are relative to the repository's root with `/`. */

/** Folders whose contents somebody else maintains. */
const VENDORED = new Set(['node_modules', 'bower_components', 'vendor', 'vendored', 'third_party', 'third-party', 'thirdparty', 'extern',
  'external',
  'externals', '.venv', 'venv', 'site-packages', 'pods', 'carthage', 'deps', '.yarn', '.git', '.licenses']);
/** Folders whose contents are tried out and not shipped. */
const SAMPLES = new Set(['test', 'tests', '__tests__', 'spec', 'specs', 'testing', 'testdata', 'test-data', 'fixture', 'fixtures',
  '__fixtures__', 'mocks',
  '__mocks__', 'example', 'examples', '_examples', 'sample', 'samples', 'demo', 'demos', 'playground', 'playgrounds', 'bench', 'benches',
    'benchmark', 'benchmarks',
  'template', 'templates', 'e2e', 'integration', 'integration-tests', 'snapshots', '__snapshots__', 'contrib', 'fuzz']);

/** A package of tests beside the packages that it tests: `app-tests`, `api_tests`. */
const TESTS_OF = /[a-z0-9][-_]tests$/i;

/** `''` for a file at the root. */
export function dirname(path: string): string {
  const i = path.lastIndexOf('/');
  return i < 0 ? '' : path.slice(0, i);
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Lower case, without the dot; `''` where there is none. */
export function extension(path: string): string {
  const base = basename(path), i = base.lastIndexOf('.');
  return i <= 0 ? '' : base.slice(i + 1).toLowerCase();
}

export function isVendored(path: string): boolean {
  return path.split('/').slice(0, -1).some(part => VENDORED.has(part.toLowerCase()));
}

/** True below a folder of tests, fixtures, examples or the like. */
export function isSample(path: string): boolean {
  return path.split('/').slice(0, -1).some(part => SAMPLES.has(part.toLowerCase()) || TESTS_OF.test(part));
}

/** The folder itself, then each folder above it up to the root (`''`). */
export function ancestors(dir: string): string[] {
  const out = [dir];
  while (dir !== '') { dir = dirname(dir); out.push(dir); }
  return out;
}

/** How a folder is written in dependabot.yml: `/`, `/web/app`. */
export function slashed(dir: string): string {
  return '/' + dir;
}
