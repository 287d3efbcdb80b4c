/** What was asked on the network, at the user's word, before rules run. Rules that need it are silent without. */
import { defineQuery } from './rule';

/** What is known of `owner/repo@ref`. What is absent could not be found out. */
export interface PinFacts {
  /** The repository, or a fork of it, has the commit or the ref. */
  readonly exists?: boolean;
  /** A branch or tag of the repository itself leads to the commit. */
  readonly reachable?: boolean;
  /** The fullest version tag on the commit. */
  readonly version?: string;
  /** False where the repository has version tags, and none of them is on the commit. */
  readonly tagged?: boolean;
  /** When `version` was published, ISO 8601. */
  readonly published?: string;
  /** The repository has a tag, or a branch, of the ref's very name. */
  readonly tag?: boolean;
  readonly branch?: boolean;
}

/** By `pinKey`. Another map wherever anything in it is another. */
export type OnlineFacts = ReadonlyMap<string, PinFacts>;

/** The name of a ref among facts: owners and repositories compare without case. */
export function pinKey(owner: string, repo: string, ref: string): string {
  return `${owner}/${repo}`.toLowerCase() + `@${ref}`;
}

/** Whether anything was asked at all: cheaper than asking for each ref. */
export const askedOnline = defineQuery('online.asked', ({ online }): boolean => online !== undefined && online.size > 0);

/** What is known of a ref, or null. */
export const pinFacts = defineQuery('online.pin', ({ online }, owner: string, repo: string, ref: string): PinFacts | null =>
  online?.get(pinKey(owner, repo, ref)) ?? null);
