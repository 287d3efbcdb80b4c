import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { loadCatalog } from '../workspace/catalog-file';
import { diskFileSystem } from '../workspace/disk';
import { version } from '../version';
import { startServer } from './connection';
import { pinsOnDisk } from './pin-check';
import { networkLookUp } from './look-up';

// Before anything is asked of it.
loadCatalog();

/** The process that editors start: `--stdio`, `--node-ipc`, `--pipe=` or `--socket=` says how they talk to it. */
startServer(createConnection(ProposedFeatures.all), { disk: diskFileSystem, version, lookUp: networkLookUp(), pins: pinsOnDisk() });
