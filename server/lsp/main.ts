import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { pagesOnDisk } from '../docs-on-disk';
import { version } from '../version';
import { cacheFolder } from '../workspace/cache-folder';
import { loadCatalog } from '../workspace/catalog-file';
import { diskFileSystem } from '../workspace/disk';
import { startServer } from './connection';
import { networkLookUp } from './look-up';
import { pinsOfServers } from './pin-check';

// Before anything is asked of it.
loadCatalog();

/** The process that editors start: `--stdio`, `--node-ipc`, `--pipe=` or `--socket=` says how they talk to it. */
startServer(createConnection(ProposedFeatures.all), {
  disk: diskFileSystem,
  version,
  // Everything that talks to the network or to git is loaded with the first question.
  lookUp: networkLookUp({ load: () => import('../network/look-up') }),
  pins: pinsOfServers(githubUrl => import('../github/pins-on-disk').then(m => m.pinsAskedOf({ githubUrl }, cacheFolder()))),
  history: (root, options) => import('../history').then(m => m.history(root, { ...options, cache: cacheFolder(), version })),
  pages: pagesOnDisk,
});
