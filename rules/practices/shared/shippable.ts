/** What of a repository is handed to others: images and packages, told from what lies in it and not from how it is released. */
import { basename, dirname, repoFacts, type Project, type Repository } from '../../repository';
import { jobKinds, outsideKinds } from '../../checks/shared/job-kind';
import { ciJobs } from './ci';
import { isAction } from './own-action';
import { npmPublishes, whyNotForUse } from './releases';
import { sightings } from './sightings';

/** Images that people ship: those that only help to build, lint or develop are nobody's deployment. Root first. */
export function images(repo: Repository): readonly string[] {
  return repoFacts(repo).stack.dockerfiles.filter(f =>
    !/(?:^|\/)\.(?:devcontainer|github|ci|circleci|gitlab|buildkite|vscode|gitpod)\//.test(f)
      && !/(?:^|[./_-])(?:dev|test|tests|lint|ci|docs|debug|local|e2e|gitpod|browsers)(?:$|[./_-])/i.test(f)
      && !isHelper(repo, f));
}

/** Of a helper of the developers, which no workflow builds: what is shipped from such a folder is named by a workflow. */
function isHelper(repo: Repository, dockerfile: string): boolean {
  const dir = /^(?:hack|tools?\/(?!docker|container|images?\/)[^/]+)(?=\/)/.exec(dockerfile)?.[0];
  return dir !== undefined && !repo.documents.some(d => d.text.includes(dir));
}

/** Folders that hold nothing but the recipe: what it copies lies at the root. */
const RECIPE_FOLDERS = /^(?:docker|build|deploy|deployment|packaging|container|containers|images|ci|infra|ops|package)$/i;

/** The folder that an image is built from, as far as its place says. */
export function buildContext(dockerfile: string): string {
  const dir = dirname(dockerfile);
  return dir === '' || RECIPE_FOLDERS.test(basename(dir)) || RECIPE_FOLDERS.test(dir.split('/')[0]!) ? '.' : dir;
}

/** Of databases, queues and shells: nothing that a browser would open. */
const NOT_HTTP = new Set([22, 25, 53, 1433, 1521, 3306, 5432, 5672, 6379, 9042, 11211, 27017, 50051]);

/** The first port that the image says it serves on; undefined where it says none, or can't be read. */
export function servedPort(repo: Repository, dockerfile: string): number | undefined {
  const text = repo.read(dockerfile)?.slice(0, 100_000) ?? '';
  for (const m of text.matchAll(/^[ \t]*EXPOSE[ \t]+([^\r\n#]{1,200})/gim)) {
    for (const word of m[1]!.split(/[ \t]+/)) {
      const port = /^(\d{2,5})(?:\/tcp)?$/.exec(word)?.[1];
      if (port !== undefined && !NOT_HTTP.has(Number(port))) return Number(port);
    }
  }
  return undefined;
}

/** Packages that are made to be published: nothing says that they are private. One that can't be read may be. */
export function packages(repo: Repository): Project[] {
  return repoFacts(repo).stack.projects.filter(p => isPublished(repo, p) && !isOfAction(repo, p));
}

/** An action is fetched from the repository by its tag: its manifest is there for its own tools, unless a workflow hands it to a registry as well. */
function isOfAction(repo: Repository, p: Project): boolean {
  return p.dir === '' && basename(p.manifest) === 'package.json' && isAction(repo) && npmPublishes(repo).length === 0
    && !repo.documents.some(d => /\b(?:semantic-release|release-it)\b/.test(d.text));
}

function isPublished(repo: Repository, p: Project): boolean {
  const text = repo.read(p.manifest)?.slice(0, 200_000);
  // GoReleaser's settings say it, and the manifest of Go never does.
  if (p.manager === 'go') return repo.files.some(f => /^(?:.*\/)?\.?goreleaser\.ya?ml$/.test(f));
  if (text === undefined) return ['package.json', 'pyproject.toml', 'setup.py', 'Cargo.toml'].includes(basename(p.manifest)) && !p.member && p.dir === '';
  switch (basename(p.manifest)) {
    case 'package.json': return /"name"\s*:/.test(text) && /"version"\s*:/.test(text) && !/"private"\s*:\s*true/.test(text);
    case 'pyproject.toml': return /^\[build-system\]/m.test(text) && /^\[(?:project|tool\.poetry)\]/m.test(text) && !/Private ::/.test(text);
    case 'setup.py': return /\bsetup\s*\(/.test(text) && !/Private ::/.test(text);
    case 'Cargo.toml': return /^\[package\]/m.test(text) && !/^publish\s*=\s*(?:false|\[\s*\])/m.test(text);
    case 'Gemfile': return repo.files.some(f => f.endsWith('.gemspec') && dirname(f) === p.dir);
    case 'pom.xml': return /<distributionManagement>|central-publishing-maven-plugin|nexus-staging-maven-plugin|maven-gpg-plugin/.test(text);
    case 'build.gradle': case 'build.gradle.kts': return /maven-publish|com\.vanniktech\.maven\.publish/.test(text);
    default: return /\.(?:cs|fs|vb)proj$/.test(p.manifest) && /<(?:PackageId|GeneratePackageOnBuild)>/.test(text);
  }
}

/** An image or a package goes to others, or a job hands out what it has built. */
export function ships(repo: Repository): boolean {
  return images(repo).length > 0 || packages(repo).length > 0 || handsOut(repo)
    || sightings(repo, 'provenance').some(s => s.idle === undefined && whyNotForUse(s.job) === undefined);
}

/** A release with files in it, or a folder to fetch them from. A note about a tag has nothing that could be signed, and a registry of packages is asked for packages. */
function handsOut(repo: Repository): boolean {
  return ciJobs(repo).some(j => whyNotForUse(j) === undefined && outsideKinds(j.job).includes('publish') && jobKinds(j.job).has('build'));
}
