/**
 * Pieces of the scripts that are generated for Node 20 and later, without dependencies. `String.raw`: what stands here is what is
 * written. No backticks and no dollar sign before a brace in them.
 */

/** Requests to GitHub. A server that is busy is asked three times. */
export const GITHUB_CLIENT = String.raw`const api = process.env.GITHUB_API_URL || 'https://api.github.com';
const repository = process.env.GITHUB_REPOSITORY || '';

/** One request; undefined where GitHub has nothing to say (204) or knows no such thing (404, asked for something). */
async function github(method, path, body) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(api + '/repos/' + repository + path, {
      method,
      headers: { accept: 'application/vnd.github+json', authorization: 'Bearer ' + (process.env.GITHUB_TOKEN || ''), 'x-github-api-version': '2022-11-28' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.status === 204 || (response.status === 404 && method === 'GET')) return undefined;
    const text = await response.text();
    if (response.ok) return (response.headers.get('content-type') || '').includes('json') ? JSON.parse(text) : text;
    const busy = response.status >= 500 || response.status === 429;
    if (!busy || attempt === 3) {
      throw Object.assign(new Error(method + ' ' + path + ': ' + response.status + ' ' + text.slice(0, 200)), { status: response.status });
    }
    await new Promise(done => setTimeout(done, 1000 * attempt * Number(process.env.RETRY_SECONDS || 5)));
  }
}

/** All pages of a list, up to a limit of pages. */
async function githubList(path, key, pages) {
  const all = [];
  for (let page = 1; page <= pages; page++) {
    const answer = await github('GET', path + (path.includes('?') ? '&' : '?') + 'per_page=100&page=' + page);
    const items = (key ? answer && answer[key] : answer) || [];
    all.push(...items);
    if (items.length < 100) break;
  }
  return all;
}`;

/** The job's summary, and text that others have written in it. */
export const SUMMARY = String.raw`/** Shown on the page of the run, and in the log. */
function summarise(text) {
  console.log(text);
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, text + '\n');
}

/** Names that somebody else has chosen: shown as they are, and never as Markdown. */
function plain(text) {
  return String(text ?? '').replace(/[^\w ./:@()+,=-]/g, ' ').replace(/@(?=\w)/g, '@ ').slice(0, 120).trim();
}`;

/** Runs \`main\` where the script is called, and not where a test imports it. */
export const RUN_MAIN = String.raw`if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch(error => {
    console.error('::error::' + String(error && error.message).replace(/[\r\n]+/g, ' '));
    process.exitCode = 1;
  });
}`;
