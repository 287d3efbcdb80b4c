/** Opens a folder with the packed extension in VS Code's server, and a browser on it: `npm start` where no desktop VS Code is. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installExtension, Workbench } from './workbench';

async function main(folder: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'ci-hardening-code-'));
  try {
    installExtension(join(__dirname, '../../../ci-hardening.vsix'), home);
    const workbench = await Workbench.start({ home, idleSeconds: 0 });
    const address = workbench.address(folder);
    console.log(`\n  ${address}\n\nCtrl+C ends it.`);
    openBrowser(address);
    await workbench.exited;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** On a machine without a display the printed address has to do. */
function openBrowser(address: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  spawn(command, [address], { stdio: 'ignore', detached: true }).on('error', () => undefined).unref();
}

const [folder] = process.argv.slice(2);
if (folder) {
  void main(resolve(folder)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
