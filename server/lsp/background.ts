/** `pause` before a piece that takes long enough to be felt while typing: it waits until no key has been pressed for a moment. */
export type Piece = 'done' | 'pause';

/** Longer than the pause between two keys of somebody who is typing, shorter than a look up at the score. */
const MOMENT_MS = 300;

/** Work on everything that is not being typed in: done piece by piece between messages, and begun anew when something changes. */
export class Background {
  #wanted = false;
  #running = false;
  #stopped = false;
  readonly #idle: (() => void)[] = [];

  /**
   * @param pieces the whole work, one piece at a time, `pause` before one that is long; asked for again whenever a change makes what was done worthless.
   * @param revision changes whenever anything that the work looks at does.
   * @param done called when the work came to its end without a change in between.
   */
  constructor(
    private readonly pieces: () => Iterable<Piece>,
    private readonly revision: () => string,
    private readonly done: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  request(): void {
    this.#wanted = true;
    if (!this.#running && !this.#stopped) void this.#run();
  }

  stop(): void { this.#stopped = true; }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    return this.#running || this.#wanted ? new Promise(resolve => this.#idle.push(resolve)) : Promise.resolve();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#wanted && !this.#stopped) {
        this.#wanted = false;
        // Messages that have already come go first: the request that follows a keystroke is among them.
        await turn();
        const revision = this.revision();
        let whole = true;
        for (const piece of this.pieces()) {
          await (piece === 'pause' ? moment() : turn());
          if (this.#stopped || this.revision() !== revision) { whole = false; break; }
        }
        if (whole && !this.#stopped) this.done(); else this.#wanted = true;
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.#running = false;
      if (this.#stopped || !this.#wanted) for (const resolve of this.#idle.splice(0)) resolve();
      else this.request();
    }
  }
}

/** One turn of the event loop: input that is waiting is handled in it. */
export function turn(): Promise<void> {
  return new Promise(resolve => { immediately(resolve); });
}

/** A browser has no `setImmediate`, and makes every timer wait some milliseconds: a message of one's own comes behind those that wait. */
export const immediately: (callback: () => void) => void = typeof setImmediate === 'function' ? callback => { setImmediate(callback); } : (() => {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  (port1 as unknown as { onmessage: () => void }).onmessage = () => { waiting.shift()?.(); };
  return (callback: () => void) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
})();

function moment(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, MOMENT_MS));
}
