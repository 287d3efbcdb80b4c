/** What the packed extension may hold, what it has to hold, and how large it may be. */
export const LIMIT = 1_000_000;

const ALLOWED = [
  /^dist\/(extension|server)(\.browser)?\.js$/, /^dist\/docs\.json$/,
  /^media\/(activity|tab-light|tab-dark|walkthrough-[a-z]+)\.svg$/, /^media\/icon\.png$/, /^media\/(panel\.css|[a-z]+\.js)$/,
  /^syntaxes\/[\w-]+\.tmLanguage\.json$/,
  // Translations alone: the English texts are in the code.
  /^l10n\/bundle\.l10n\.[\w-]+\.json$/, /^package\.nls(\.[\w-]+)?\.json$/,
  /^docs\/configuration\.schema\.json$/, /^package\.json$/, /^(readme|changelog)\.md$/i, /^LICENSE(\.txt)?$/, /^ThirdPartyNotices\.txt$/,
];
/** Grammars of shells don't count: whoever wants scripts to be parsed in full gets them. */
const GRAMMAR = /^dist\/[\w-]+\.wasm$/;
const NEEDED = [
  'dist/extension.js', 'dist/extension.browser.js', 'dist/server.js', 'dist/server.browser.js', 'dist/docs.json', 'media/panel.js', 'media/panel.css',
  'docs/configuration.schema.json', 'package.json', 'package.nls.json', 'ThirdPartyNotices.txt',
];

/** What is wrong with a package of these files, by their names below the extension's folder; sizes as they are packed, in bytes. */
export function faultsOf(files, bytes) {
  const names = files.map(file => file.name);
  const surplus = names.filter(name => !GRAMMAR.test(name) && !ALLOWED.some(pattern => pattern.test(name)));
  const missing = NEEDED.filter(name => !names.includes(name));
  const counted = bytes - files.filter(file => GRAMMAR.test(file.name)).reduce((sum, file) => sum + file.packed, 0);
  return [
    ...surplus.map(name => `${name} has no business in the package`),
    ...missing.map(name => `${name} is missing`),
    ...(counted >= LIMIT ? [`the package has ${counted} bytes; the limit is ${LIMIT}`] : []),
  ];
}
