import type { OffsetRange } from '../../../../rules';

/** One of the things that a hover says, and the place that it says it of. Markdown; what comes from the file is escaped. */
export interface HoverPart { readonly text: string; readonly range: OffsetRange }

export function contains(range: OffsetRange, offset: number): boolean {
  return range.start <= offset && offset <= range.end;
}
