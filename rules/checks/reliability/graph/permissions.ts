/** Scopes and values of `permissions`. */
import { SCOPES, scopeInfo } from '../../../catalog';
import type { RuleContext } from '../../../engine/rule';
import { renameKey } from '../../../workflow/edits';
import type { Permissions } from '../../../workflow/model';
import { asScalar } from '../../../workflow/nodes';
import { instead, MAY_BE_NEW, meant, oneOf, writeScalar } from './words';

export const PERMISSION_MESSAGES = {
  'scope-unknown': '`{scope}` is no permission of the token, so GitHub refuses the file. Write {instead}.',
  'access-unknown': '`{scope}` can\'t be `{access}`, so GitHub refuses the file. Write {instead}.',
  'shorthand-unknown': '`permissions: {access}` says nothing to GitHub, so it refuses the file. Write `read-all`, `write-all`, `{}` or the scopes one by one.',
} as const;

export function checkPermissions(context: RuleContext<keyof typeof PERMISSION_MESSAGES>, permissions: Permissions | undefined): void {
  if (!permissions) return;
  context.instance();
  const value = asScalar(permissions.entry.value);
  if (permissions.shape === 'invalid' && value && value.value !== '' && !value.value.includes('${{')) {
    // No fix: there is nothing that one would rather have than the scopes one by one.
    context.report({ at: value, messageId: 'shorthand-unknown', data: { access: value.value }, official: true });
  }
  for (const { name, access, entry } of permissions.scopes) {
    if (name === '' || name === '<<') continue;
    const known = scopeInfo(name);
    const names = SCOPES.map(s => s.name);
    if (!known) {
      const better = meant(name.replaceAll('_', '-'), names) ?? names.find(n => n === name.replaceAll('_', '-'));
      // Written twice, a scope is refused, too.
      const free = better !== undefined && !permissions.scopes.some(s => s.name === better);
      context.report({
        at: entry.key, messageId: 'scope-unknown', data: { scope: name, instead: instead(better, ['contents', 'pull-requests', 'issues', 'id-token']) }, official: true,
        ...(better === undefined ? { adjust: MAY_BE_NEW } : free ? { fixes: [{ title: `Write ${better}`, safety: 'safe', preferred: true, edits: ({ document }) => renameKey(document, entry, better) }] } : {}),
      });
      continue;
    }
    const scalar = asScalar(entry.value);
    if (!scalar || access === '' || access.includes('${{') || (known.values as readonly string[]).includes(access)) continue;
    const better = meant(access, known.values);
    context.report({
      at: scalar, messageId: 'access-unknown', data: { scope: name, access, instead: better === undefined ? oneOf(known.values) : `\`${better}\`` }, official: true,
      fixes: better === undefined ? [] : [writeScalar(scalar, better, 'safe')],
    });
  }
}
