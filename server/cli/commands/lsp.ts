import { defineCommand } from 'citty';

export default defineCommand({
  meta: { name: 'lsp', description: 'Be a language server' },
  args: {
    stdio: { type: 'boolean', description: 'Talk over standard input and output (the default)' },
    'node-ipc': { type: 'boolean', description: 'Talk over the channel of a Node.js parent' },
    socket: { type: 'string', description: 'Connect to this port' },
    pipe: { type: 'string', description: 'Connect to this pipe' },
    clientProcessId: { type: 'string', description: 'Process that the server ends with' },
  },
  async run() {
    if (!process.argv.some(a => /^--(?:stdio|node-ipc|socket|pipe)/.test(a))) process.argv.push('--stdio');
    await import('../../lsp/main');
  },
});
