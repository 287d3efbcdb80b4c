import type { OnlineFacts } from '../../rules';
import { pinsAskedOf } from '../github/pins-on-disk';
import { cacheFolder } from '../workspace/cache-folder';
import type { FileError } from '../workspace/files';
import { pinsOf } from '../workspace/pins';
import { networkOfEnvironment } from './network';
import type { Target } from './targets';

/** Asks GitHub about everything that the targets' CI files use of other repositories. */
export async function askAboutPins(targets: readonly Target[]): Promise<{ readonly facts: OnlineFacts; readonly failures: readonly FileError[] }> {
  const network = networkOfEnvironment();
  const pins = pinsAskedOf(network, cacheFolder());
  const names = targets.flatMap(({ state, paths }) => paths.flatMap(path => {
    const document = state.document(path);
    return document ? pinsOf(document, state.configFor(path).config) : [];
  }));
  const { failures } = await pins.learn(names);
  return { facts: pins.facts, failures: failures.map(message => ({ file: '', message: `${message}.`.replace(/\.\.$/, '.') })) };
}
