/** How a file is laid out, in columns. */
export interface Layout {
  /** A mapping's keys, from the key they stand under. */
  readonly step: number;
  /** A list's dashes, from the key they stand under. */
  readonly dash: number;
}

export const CANONICAL: Layout = { step: 2, dash: 2 };
