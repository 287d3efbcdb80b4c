/** Times of scheduled workflows: five fields as POSIX has them, without `@daily`, `L`, `W` and `#`. */
import type { RuleContext } from '../../../engine/rule';
import type { Workflow } from '../../../workflow/model';

export const CRON_MESSAGES = {
  'cron-invalid': '`{cron}` is no time that GitHub understands: {why}. Write minute, hour, day, month and weekday, such as `17 4 * * 1`.',
  'cron-never': '`{cron}` never comes: {why}. Correct the day or the month.',
} as const;

interface Field { readonly name: string; readonly min: number; readonly max: number; readonly names?: readonly string[] }

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 }, { name: 'hour', min: 0, max: 23 }, { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS }, { name: 'day of the week', min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];
/** February has 29 in some years. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function checkCron(context: RuleContext<keyof typeof CRON_MESSAGES>, workflow: Workflow): void {
  for (const trigger of workflow.triggers) {
    for (const node of trigger.cron ?? []) {
      const cron = node.value;
      if (cron.trim() === '' || cron.includes('${{')) continue;
      context.instance();
      const wrong = cronProblem(cron);
      if (wrong !== undefined) context.report({ at: node, messageId: 'cron-invalid', data: { cron, why: wrong }, official: true });
      else if (neverComes(cron)) context.report({ at: node, messageId: 'cron-never', data: { cron, why: 'no such month has that day' } });
    }
  }
}

/** Why a cron line can't be read; undefined where it can. */
export function cronProblem(cron: string): string | undefined {
  const text = cron.trim();
  if (text.startsWith('@')) return 'names like `@daily` are not known to it';
  const parts = text.split(/\s+/);
  if (parts.length !== FIELDS.length) return `it has ${parts.length} ${parts.length === 1 ? 'field' : 'fields'}, not five`;
  for (const [i, part] of parts.entries()) {
    const field = FIELDS[i]!;
    for (const item of part.split(',')) if (!valuesOf(item, field)) return `the ${field.name} can't be \`${part}\` (it goes from ${field.min} to ${field.max})`;
  }
  return undefined;
}

/** The values that one item of a list stands for; undefined where it can't be read. */
function valuesOf(item: string, field: Field): number[] | undefined {
  const [range = '', step, ...more] = item.split('/');
  const by = step === undefined ? 1 : number(step);
  if (more.length > 0 || by === undefined || by < 1) return undefined;
  let from = field.min, to = field.max;
  // `?` is `*` in some dialects: nobody is told otherwise here.
  if (range !== '*' && range !== '?') {
    const ends = range.split('-').map(e => value(e, field));
    const [first, last] = ends;
    if (ends.length > 2 || first === undefined || (ends.length === 2 && last === undefined)) return undefined;
    from = first;
    to = last ?? (step === undefined ? first : field.max);
    if (to < from) return undefined;
  }
  const values: number[] = [];
  for (let v = from; v <= to; v += by) values.push(v);
  return values;
}

function number(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function value(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  const n = named >= 0 ? named + field.min : number(text);
  return n !== undefined && n >= field.min && n <= field.max ? n : undefined;
}

/** True for a day that none of the months has. A weekday beside it is an alternative, and comes every week. */
function neverComes(cron: string): boolean {
  const [, , days = '', months = '', weekday = ''] = cron.trim().split(/\s+/);
  if (!/^[*?]$/.test(weekday)) return false;
  const all = (text: string, field: Field): number[] => text.split(',').flatMap(item => valuesOf(item, field) ?? []);
  const [, , day, month] = FIELDS;
  const first = Math.min(...all(days, day!));
  return all(months, month!).every(m => DAYS[m - 1]! < first);
}
