/** `npm run bench`: how fast and how large, next to peers, in one run. Nothing here fails because of a number. */
import { cpus } from 'node:os';
import { activationBench } from './activation';
import { keystrokeBench } from './keystroke';
import { memoryBench } from './memory';
import { scanBench } from './scan';

async function main(): Promise<void> {
  console.log(`${cpus().length} cores, Node ${process.versions.node}\n`);
  await scanBench();
  console.log('');
  await keystrokeBench();
  console.log('');
  await memoryBench();
  console.log('');
  activationBench();
}

void main().catch((e: unknown) => { console.error(e); process.exitCode = 1; });
