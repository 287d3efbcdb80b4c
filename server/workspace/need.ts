import type { NetworkNeed } from '../../rules';

/** What a look-up is about, as a user wrote it: `owner/repo@v1`, `postgres:17`. */
export function needName(need: NetworkNeed): string {
  return need.kind === 'resolve-ref' ? `${need.owner}/${need.repo}@${need.ref}` : need.image;
}
