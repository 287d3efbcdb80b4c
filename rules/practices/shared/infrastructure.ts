/** Infrastructure that is written down as files: what of it there is, told from names and, where it takes that, from contents. */
import { basename, extension, isSample, isVendored, repoFacts, type Repository } from '../../repository';

export type Framework = 'terraform' | 'kubernetes' | 'helm' | 'kustomize' | 'cloudformation' | 'bicep' | 'ansible' | 'serverless';

const NAMED: Readonly<Record<string, Framework>> = {
  'chart.yaml': 'helm', 'kustomization.yaml': 'kustomize', 'kustomization.yml': 'kustomize', 'serverless.yml': 'serverless', 'serverless.yaml': 'serverless',
};
const MANIFESTS = /(?:^|\/)(?:k8s|kube|kubernetes|manifests|deploy|deployment|deployments|infra|infrastructure|cloudformation|cfn)\//i;
const KUBERNETES = /^apiVersion:[^\n]{1,80}\n(?:[^\n]{0,200}\n){0,5}?kind:/m;
const CLOUDFORMATION = /^\s{0,4}"?(?:AWSTemplateFormatVersion|Transform)"?\s?:\s?["']?(?:2010-09-09|AWS::Serverless)/m;
/** Files whose contents are looked at, and how far. */
const MAX_READ = 200, MAX_TEXT = 4000;

const cache = new WeakMap<Repository, ReadonlyMap<Framework, readonly string[]>>();

/** Files by framework; empty where there is none. Examples, tests and what others maintain are left out. */
export function infrastructure(repo: Repository): ReadonlyMap<Framework, readonly string[]> {
  let known = cache.get(repo);
  if (!known) cache.set(repo, known = detect(repo));
  return known;
}

function detect(repo: Repository): ReadonlyMap<Framework, readonly string[]> {
  const found = new Map<Framework, string[]>();
  const add = (framework: Framework, path: string): void => {
    const paths = found.get(framework);
    if (paths) paths.push(path); else found.set(framework, [path]);
  };
  // What lies among the workflows is there to try out an action.
  for (const path of repoFacts(repo).stack.terraform) if (!path.startsWith('.github/') && !/^examples?\b/i.test(basename(path))) add('terraform', path);
  let read = 0;
  for (const path of repo.files) {
    const base = basename(path).toLowerCase(), ext = extension(path);
    if (ext !== 'yaml' && ext !== 'yml' && ext !== 'bicep' && ext !== 'template' && ext !== 'json') continue;
    if (path.startsWith('.github/') || isVendored(path) || isSample(path)) continue;
    const named = ext === 'bicep' ? 'bicep' : NAMED[base];
    if (named) { add(named, path); continue; }
    if (!MANIFESTS.test(path) && !/^template\.ya?ml$/.test(base) && ext !== 'template') continue;
    if (read++ >= MAX_READ) continue;
    const text = repo.read(path)?.slice(0, MAX_TEXT);
    if (text === undefined) continue;
    if (CLOUDFORMATION.test(text)) add('cloudformation', path);
    else if (ext !== 'json' && KUBERNETES.test(text.replaceAll('\r\n', '\n'))) add('kubernetes', path);
  }
  return found;
}
