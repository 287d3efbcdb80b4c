import { pinKey, type OnlineFacts, type PinFacts } from '../../rules';
import type { PinName } from '../workspace/pins';
import { isForAll, ResolveError } from './errors';
import { PinInspector } from './facts';
import { addresses } from './names';
import type { ResolveOptions } from './resolve';

/** Pins that one check asks about: a workflow can name any number. */
const PINS_AT_MOST = 500;
/** Questions under way at a time. */
const AT_ONCE = 4;

export interface Learned {
  /** Pins of which something is known now. */
  readonly known: number;
  /** Why nothing is known of others, as a user is told. */
  readonly failures: readonly string[];
}

/** What GitHub has said before. */
export interface KnownFacts {
  get(key: string): PinFacts | undefined;
  set(key: string, facts: PinFacts): void;
  save(): void;
}

export interface OnlinePinsOptions {
  /** Begins a check: what is listed for one pin of it may serve the others, and no later check. */
  readonly begin: (token?: string) => { inspect(name: PinName): Promise<PinFacts> };
  readonly cache: KnownFacts;
  /** The server that is asked: what one says holds for no other. */
  readonly host: string;
}

/** What is known of pins, from the disk and from the network. Asks only when it is told to. */
export class OnlinePins {
  #facts: OnlineFacts = new Map();

  constructor(private readonly options: OnlinePinsOptions) {}

  /** Another map after anything was learned. */
  get facts(): OnlineFacts { return this.#facts; }

  /** Takes what is known from the disk and asks about the rest. Never rejects: what could not be learned is in the answer. */
  async learn(names: readonly PinName[], cancelled: () => boolean = () => false, token?: string): Promise<Learned> {
    const { cache, host } = this.options;
    const wanted = new Map(names.map(n => [pinKey(n.owner, n.repo, n.ref), n]));
    const failures = new Set<string>();
    const learned = new Map<string, PinFacts>();
    const open = [...wanted].slice(0, PINS_AT_MOST).filter(([key]) => {
      const kept = cache.get(`${host} ${key}`);
      if (kept) learned.set(key, kept);
      return !kept;
    });
    if (wanted.size > PINS_AT_MOST) failures.add(`only the first ${PINS_AT_MOST} of ${wanted.size} pins were looked at`);
    const inspector = this.options.begin(token);
    let givenUp = false;
    const work = async (): Promise<void> => {
      for (let next = open.shift(); next && !givenUp && !cancelled(); next = open.shift()) {
        const [key, name] = next;
        try {
          const facts = await inspector.inspect(name);
          learned.set(key, facts);
          cache.set(`${host} ${key}`, facts);
        } catch (error) {
          if (isForAll(error)) givenUp = true;
          const reason = error instanceof ResolveError ? error.message : 'the look-up failed';
          failures.add(isForAll(error) ? reason : `${name.owner}/${name.repo}@${name.ref} was not checked: ${reason}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    cache.save();
    const changed = [...learned].some(([key, facts]) => JSON.stringify(this.#facts.get(key)) !== JSON.stringify(facts));
    if (changed) this.#facts = new Map([...this.#facts, ...learned]);
    return { known: [...wanted.keys()].filter(key => this.#facts.has(key)).length, failures: [...failures].sort() };
  }
}

/** Pins that a GitHub server is asked about. Throws `ResolveError` for an address that is none. */
export function pinsAskedWith(options: ResolveOptions, cache: KnownFacts): OnlinePins {
  return new OnlinePins({ begin: token => new PinInspector(token === undefined ? options : { ...options, token }), cache, host: addresses(options.githubUrl).host });
}

/** Keeps answers for as long as the process lives. */
export function factsInMemory(): KnownFacts {
  const kept = new Map<string, PinFacts>();
  return { get: key => kept.get(key), set: (key, facts) => { kept.set(key, facts); }, save: () => undefined };
}
