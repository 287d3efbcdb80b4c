/** What the page says to the extension. */
export type PanelMessage =
  | { readonly type: 'ready' | 'refresh' | 'restart' | 'create' | 'configuration' }
  | { readonly type: 'root'; readonly root: string }
  | { readonly type: 'harden' | 'export' | 'badge' | 'mermaid' | 'history' | 'historyStop' | 'historyKept'; readonly root: string }
  | { readonly type: 'target'; readonly root: string; readonly target: number }
  | { readonly type: 'job'; readonly root: string; readonly workflow: number; readonly job: string }
  | { readonly type: 'add' | 'fix' | 'explain'; readonly root: string; readonly control: string }
  | { readonly type: 'open'; readonly root: string; readonly control: string; readonly evidence: number };

export function isPanelMessage(value: unknown): value is PanelMessage {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const root = 'root' in value && typeof value.root === 'string';
  const control = root && 'control' in value && typeof value.control === 'string';
  switch (value.type) {
    case 'ready': case 'refresh': case 'restart': case 'create': case 'configuration': return true;
    case 'root': case 'harden': case 'export': case 'badge': case 'mermaid': case 'history': case 'historyStop': case 'historyKept': return root;
    case 'target': return root && 'target' in value && Number.isInteger(value.target);
    case 'job': return root && 'workflow' in value && Number.isInteger(value.workflow) && 'job' in value && typeof value.job === 'string';
    case 'add': case 'fix': case 'explain': return control;
    case 'open': return control && 'evidence' in value && Number.isInteger(value.evidence);
    default: return false;
  }
}
