/**
 * The language server without anything of Node. It is one bundle for two: in a browser it is the worker that serves, and Node's entry
 * (`main.ts`) loads it for all that it doesn't have itself, so that nothing is shipped twice. What it exports is what that entry needs.
 */
import { BrowserMessageReader, BrowserMessageWriter, createConnection, ProposedFeatures, RAL } from 'vscode-languageserver/browser';
import { factsInMemory, pinsAskedWith } from '../github/online-pins';
import { version } from '../version';
import { immediately } from './background';
import { startServer } from './connection';
import { networkLookUp } from './look-up';
import { pinsOfServers } from './pin-check';

export * from 'vscode-languageserver';
export { CONFIG_PATH, createRepository, DEFAULT_CONFIG, mergeConfig, parseConfig, pinKey, SEVERITIES } from '../../rules';
export { readCatalogUpdate, useCatalogUpdate } from '../../rules/catalog';
export { assess, isOpen } from '../../rules/reports';
export { shownPoints } from '../../rules/scorecard';
export * from '../github/errors';
export * from '../github/limited';
export * from '../github/names';
export * from '../github/online-pins';
export * from '../github/rest';
export * from '../github/tags';
export { networkLookUp, pinsOfServers, startServer };

declare const WorkerGlobalScope: (new () => object) | undefined;

if (typeof WorkerGlobalScope === 'function' && globalThis instanceof WorkerGlobalScope) {
  const scope = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0];
  // Its own way is a timer, which costs a browser 4 ms for each message.
  RAL.install({ ...RAL(), timer: { ...RAL().timer, setImmediate: (callback, ...args) => {
    let cancelled = false;
    immediately(() => { if (!cancelled) callback(...args); });
    return { dispose: () => { cancelled = true; } };
  } } });
  startServer(createConnection(ProposedFeatures.all, new BrowserMessageReader(scope), new BrowserMessageWriter(scope)), {
    version,
    lookUp: networkLookUp({ load: () => import('../network/browser') }),
    pins: pinsOfServers(githubUrl => Promise.resolve(pinsAskedWith({ githubUrl }, factsInMemory()))),
  });
}
