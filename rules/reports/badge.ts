import { shownPoints, type Scorecard } from '../scorecard';

/** An SVG for a README. */
export function badgeScore(card: Scorecard): string {
  const label = 'CI hardening', value = `${shownPoints(card.score)} · ${card.levelName}`;
  const colour = ['#b00020', '#b00020', '#b35900', '#7a6a00', '#2e7d32', '#1b5e20'][card.level] ?? '#555';
  const width = (text: string): number => Math.round(text.length * 6.6) + 12;
  const left = width(label), right = width(value);
  const text = (x: number, content: string): string => `<text x="${x}" y="14" fill="#fff" font-family="Verdana,Geneva,sans-serif" font-size="11" text-anchor="middle">${content}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${value}"><title>${label}: ${value}</title>`
    + `<rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${colour}"/>${text(left / 2, label)}${text(left + right / 2, value)}</svg>\n`;
}
