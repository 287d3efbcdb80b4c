import type { Repository } from '../../rules';
import { CannotRun } from './exit';
import { openTargets, type Target, type TargetOptions } from './targets';

/** The one repository at or below a path. Throws `CannotRun` where there are several, or where the path is a single file. */
export async function openRepository(path: string, options: TargetOptions = {}): Promise<{ readonly target: Target; readonly repository: Repository }> {
  const { targets } = await openTargets([path], options);
  const [target] = targets;
  if (targets.length > 1) throw new CannotRun(`there are ${targets.length} repositories below the path: name one of them`);
  if (!target?.state.repository) throw new CannotRun('this is about a whole repository: name its folder');
  return { target, repository: target.state.repository };
}
