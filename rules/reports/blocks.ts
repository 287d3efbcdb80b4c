/** A document as blocks, so that Markdown and HTML say the same. Texts are plain; only what is marked as code or strong is. */
import { code as codeSpan, table as tableLines, text as plainText } from './markdown';

export type Inline = string | { readonly code: string } | { readonly strong: string } | { readonly link: string };
export type Rich = readonly Inline[];
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: Rich }
  | { readonly kind: 'list'; readonly items: readonly Rich[]; readonly ordered?: boolean }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Rich[])[] };

export const heading = (level: 1 | 2 | 3, text: string): Block => ({ kind: 'heading', level, text });
export const paragraph = (...text: Rich): Block => ({ kind: 'text', text });
export const items = (list: readonly Rich[], ordered = false): Block => ({ kind: 'list', items: list, ordered });
export const grid = (head: readonly string[], rows: readonly (readonly Rich[])[]): Block => ({ kind: 'table', head, rows });

/** A message of the product: what it puts into backquotes is code. */
export function rich(message: string): Rich {
  return message.split(/(`[^`\n]*`)/).map((part, i): Inline => (i % 2 === 1 ? { code: part.slice(1, -1) } : part)).filter(p => p !== '');
}

export function toMarkdown(blocks: readonly Block[]): string {
  const inline = (r: Rich): string => r.map(p => (typeof p === 'string' ? spaced(p) : 'code' in p ? codeSpan(p.code) : 'strong' in p ? `**${plainText(p.strong)}**` : `<${p.link}>`)).join('').trim();
  return `${blocks.map(b => {
    switch (b.kind) {
      case 'heading': return `${'#'.repeat(b.level)} ${plainText(b.text)}`;
      case 'text': return inline(b.text);
      case 'list': return b.items.map((item, i) => `${b.ordered ? `${i + 1}.` : '-'} ${inline(item)}`).join('\n');
      case 'table': return tableLines(b.head, b.rows.map(r => r.map(inline))).join('\n');
    }
  }).join('\n\n')}\n`;
}

/** Escaping trims; what stands between two pieces keeps its spaces. */
function spaced(text: string): string { return `${/^\s/.test(text) ? ' ' : ''}${plainText(text)}${/\S\s+$/.test(text) ? ' ' : ''}`; }

export function html(text: string): string { return text.replace(/[&<>"'`]/g, c => `&#${c.charCodeAt(0)};`); }

/** One page without scripts, images or anything from elsewhere; light and dark by the reader's system, black on white on paper. */
export function toHtml(title: string, blocks: readonly Block[]): string {
  const inline = (r: Rich): string => r.map(p => (typeof p === 'string' ? html(p) : 'code' in p ? `<code>${html(p.code)}</code>`
    : 'strong' in p ? `<strong>${html(p.strong)}</strong>` : /^https:\/\//.test(p.link) ? `<a href="${html(p.link)}">${html(p.link)}</a>` : html(p.link))).join('');
  const body = blocks.map(b => {
    switch (b.kind) {
      case 'heading': return `<h${b.level}>${html(b.text)}</h${b.level}>`;
      case 'text': return `<p>${inline(b.text)}</p>`;
      case 'list': return `<${b.ordered ? 'ol' : 'ul'}>${b.items.map(i => `<li>${inline(i)}</li>`).join('')}</${b.ordered ? 'ol' : 'ul'}>`;
      case 'table': return `<div class="table"><table><thead><tr>${b.head.map(h => `<th scope="col">${html(h)}</th>`).join('')}</tr></thead><tbody>${
        b.rows.map(r => `<tr>${r.map((c, i) => (i === 0 ? `<th scope="row">${inline(c)}</th>` : `<td>${inline(c)}</td>`)).join('')}</tr>`).join('\n')}</tbody></table></div>`;
    }
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head><body><main>
${body.join('\n')}
</main></body></html>
`;
}

const STYLE = `:root{color-scheme:light dark;--ink:#1b1b1f;--paper:#fff;--line:#c8c8d0;--soft:#f4f4f7}
@media (prefers-color-scheme:dark){:root{--ink:#e6e6ea;--paper:#17181c;--line:#44464f;--soft:#22242a}}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem}
h1,h2,h3{line-height:1.25}h2{margin-top:2.2rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
.table{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line);font-weight:normal}
thead th{font-weight:600;background:var(--soft)}
code{font:.9em ui-monospace,monospace;background:var(--soft);padding:.05em .3em;border-radius:3px;overflow-wrap:anywhere}
a{color:inherit}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--line:#999;--soft:#fff}main{max-width:none;padding:0}h2,h3{break-after:avoid}tr,li{break-inside:avoid}}`;
