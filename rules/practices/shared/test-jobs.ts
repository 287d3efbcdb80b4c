/** Jobs that run the tests: one for each project at the root, or for the first below it where the root has none. */
import type { Manager, Repository } from '../../repository';
import { recipes } from './recipes';
import type { GeneratedJob } from './scaffold';
import { checkoutStep, jobHead, runStep } from './snippets';

export const STACK_NAMES: Readonly<Partial<Record<Manager, string>>> = {
  npm: 'node', pnpm: 'node', yarn: 'node', bun: 'bun', pip: 'python', poetry: 'python', pipenv: 'python', uv: 'python', go: 'go',
    cargo: 'rust', maven: 'java',
  gradle: 'java', dotnet: 'dotnet', bundler: 'ruby', composer: 'php', swift: 'swift',
};

export function testJobs(repo: Repository): { jobs: GeneratedJob[]; todo: string[]; left: string[] } {
  const { chosen, others } = recipes(repo);
  const jobs: GeneratedJob[] = [], todo: string[] = [], left: string[] = [];
  for (const r of chosen) {
    if (r.test === undefined) { left.push(r.noTest ?? `Nothing says how ${r.project.manifest} is tested.`); continue; }
    const name = STACK_NAMES[r.project.manager]!;
    const id = chosen.length === 1 ? 'test' : `test-${name}`;
    if (jobs.some(j => j.id === id)) continue;
    jobs.push({ id, yaml: [...jobHead(chosen.length === 1 ? 'Test' : `Test (${name})`, 30), 'steps:', ...checkoutStep(),
      ...r.setup, ...runStep('Test', [r.test], r.project.dir)] });
    todo.push(...r.todo);
  }
  if (jobs.length > 0 && others.length > 0) left.push(`Add jobs for the other projects, too: ${others.slice(0, 6).map(p => p.dir || '/').join(', ')}.`);
  return { jobs, todo, left };
}
