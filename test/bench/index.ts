import { keystrokeBench } from './keystroke';
import { scanBench } from './scan';

async function main(): Promise<void> {
  await scanBench();
  console.log('');
  await keystrokeBench();
}

void main().catch((e: unknown) => { console.error(e); process.exitCode = 1; });
