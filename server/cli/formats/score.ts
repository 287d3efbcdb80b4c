import { levelText, shownPoints, type CategoryScore, type ControlVerdict, type Scorecard } from '../../../rules/scorecard';
import { colours, printable } from '../print';
import { cell } from './machine';

const BAR = 20;

/** For a terminal: the score, its categories, and what to do next. */
export function textScore(name: string, card: Scorecard, colour: boolean): string {
  const c = colours(colour);
  const out = [`${c.bold(printable(name))}  ${c.bold(card.headline)}  ${levelText(card)}`];
  if (card.heldBackBy) out.push(c.dim(card.heldBackBy));
  out.push('');
  for (const k of card.categories) {
    const points = shownPoints(k.score);
    const filled = Math.round((points / 100) * BAR);
    out.push(k.applicable ? `  ${k.name.padEnd(22)} ${'█'.repeat(filled)}${c.dim('░'.repeat(BAR - filled))} ${String(points).padStart(3)}  level ${range(k)}` : `  ${k.name.padEnd(22)} ${c.dim('does not apply')}`);
  }
  const actions = card.actions.filter(a => a.gain > 0).slice(0, 10);
  if (actions.length > 0) {
    out.push('', 'Next steps, best first:');
    for (const a of actions) out.push(`  ${`+${(Math.round(a.gain * 10) / 10).toFixed(1)}`.padStart(6)}  ${printable(a.title)}  ${c.dim(a.controlId)}`);
  }
  for (const gap of card.gaps) out.push('', `Target not reached: ${printable(gap.name)} is at level ${gap.current} of ${gap.target}${gap.by ? ` (by ${gap.by})` : ''}.`);
  for (const e of card.errors) out.push('', `${c.red('error')} the check ${e.id} failed: ${printable(e.message)}`);
  return out.join('\n') + '\n';
}

export function markdownScore(name: string, card: Scorecard): string {
  const out = [`# CI Hardening: ${cell(name)}`, '', `**${card.headline}** · ${levelText(card)}`, ''];
  if (card.heldBackBy) out.push(cell(card.heldBackBy), '');
  out.push('| Category | Score | Level |', '|---|---:|---:|');
  for (const k of card.categories) out.push(k.applicable ? `| ${k.name} | ${shownPoints(k.score)} | ${range(k)} |` : `| ${k.name} | – | – |`);
  const actions = card.actions.filter(a => a.gain > 0).slice(0, 10);
  if (actions.length > 0) {
    out.push('', '## Next steps', '', '| Points | Step | Control |', '|---:|---|---|');
    for (const a of actions) out.push(`| +${(Math.round(a.gain * 10) / 10).toFixed(1)} | ${cell(a.title)} | ${a.controlId} |`);
  }
  out.push('', '## Controls', '', '| Verdict | Control | Category | Level |', '|---|---|---|---:|');
  for (const v of applicable(card)) out.push(`| ${v.verdict} | ${cell(v.control.title)} (${v.control.id}) | ${v.control.category} | ${v.control.level} |`);
  return out.join('\n') + '\n';
}

/** A page of its own: no script, nothing fetched. */
export function htmlScore(name: string, card: Scorecard): string {
  const rows = applicable(card).map(v => `<tr><td>${v.verdict}</td><th scope="row">${html(v.control.title)}<br><code>${v.control.id}</code></th><td>${v.control.category}</td><td>${v.control.level}</td><td>${
    html([...v.evidence.map(e => `${e.path}: ${e.text}`), ...v.lookedFor].slice(0, 5).join('; '))}</td></tr>`);
  const categories = card.categories.map(k => `<tr><th scope="row">${k.name}</th><td>${k.applicable
    ? `<meter min="0" max="100" value="${shownPoints(k.score)}">${shownPoints(k.score)}</meter> ${shownPoints(k.score)}` : 'does not apply'}</td><td>${k.applicable ? range(k) : '–'}</td></tr>`);
  const actions = card.actions.filter(a => a.gain > 0).slice(0, 10).map(a => `<li>${html(a.title)} (+${(Math.round(a.gain * 10) / 10).toFixed(1)})</li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>CI Hardening: ${html(name)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8885}th{font-weight:600}</style>
</head><body><main>
<h1>CI Hardening: ${html(name)}</h1>
<p><strong>${html(card.headline)}</strong>, ${levelText(card)}. ${html(card.heldBackBy ?? '')}</p>
<h2>Categories</h2>
<table><thead><tr><th scope="col">Category</th><th scope="col">Score</th><th scope="col">Level</th></tr></thead><tbody>${categories.join('')}</tbody></table>
<h2>Next steps</h2>
<ol>${actions.join('')}</ol>
<h2>Controls</h2>
<table><thead><tr><th scope="col">Verdict</th><th scope="col">Control</th><th scope="col">Category</th><th scope="col">Level</th><th scope="col">Evidence</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>
</main></body></html>
`;
}

/** `1–5` where what is unknown decides. */
function range(k: CategoryScore): string {
  return k.levels[1] > k.level ? `${k.level}–${k.levels[1]}` : String(k.level);
}

function applicable(card: Scorecard): readonly ControlVerdict[] {
  return card.controls.filter(v => v.verdict !== 'not-applicable');
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}

/** The numbers alone, as programs read them. */
export function scoreSummary(card: Scorecard): object {
  const interval = ([low, high]: readonly [number, number]): [number, number] => [shownPoints(low), shownPoints(high)];
  return {
    score: shownPoints(card.score), level: card.level, levelName: card.levelName, interval: interval(card.interval),
    categories: Object.fromEntries(card.categories.map(c => [c.name, { score: shownPoints(c.score), level: c.level, interval: interval(c.interval), applicable: c.applicable }])),
  };
}
