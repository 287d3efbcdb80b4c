import { defineRule, type RuleContext } from '../../engine/rule';
import { OUTSIDER_EVENTS } from '../../workflow/effective';
import type { Job } from '../../workflow/model';
import { asMapping, asScalar, asSequence, getEntry, type MappingNode, type ScalarNode } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { worstEvent } from '../shared/reach';
import { askedRunner, isHosted } from '../shared/runner-labels';
import { workflowEvents } from '../shared/workflow-facts';

type Message = 'option' | 'mount' | 'root';
type Context = RuleContext<Message, unknown>;

export default defineRule({
  id: 'container-privileged',
  category: 'runners',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds job and service containers that are given the machine they run on.',
    why: 'A privileged container, or one that holds the Docker socket, is root on the runner: whoever gets into the image gets the machine.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontaineroptions',
      'https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html',
    ],
    standards: ['SEC-5', 'STRIDE E'],
  },
  messages: {
    option: '`{option}` gives {what} the runner\'s own {reach}. Drop it, or name the one capability or device that is needed.',
    mount: '{what} is given `{mount}` of the runner, and with it the whole machine. Mount what it needs and nothing else.',
    root: '{what} runs as root on your machine, and people from outside can start it with `{event}`. Run it as a user of its own.',
  },
  create(context) {
    return {
      job(job) {
        const container = asMapping(job.container?.value);
        if (container) look(context, job, container, 'the job\'s container', true);
        for (const service of asMapping(job.services?.value)?.entries ?? []) {
          const mapping = asMapping(service.value);
          if (mapping) look(context, job, mapping, `the service \`${service.key.value}\``, false);
        }
      },
    };
  },
});

/** What an option hands over; undefined for one that hands over nothing of the host's. */
function reachOf(name: string, value: string): string | undefined {
  switch (name) {
    case '--privileged': return /^false$/i.test(value) ? undefined : 'devices and kernel';
    case '--cap-add': return /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_RAWIO|DAC_READ_SEARCH)$/i.test(value) ? 'kernel' : undefined;
    case '--pid': return value === 'host' ? 'processes' : undefined;
    case '--ipc': case '--userns': case '--uts': case '--cgroupns': return value === 'host' ? 'namespaces' : undefined;
    case '--network': case '--net': return value === 'host' ? 'network' : undefined;
    default: return undefined;
  }
}

const HOST_MOUNT = /^(?:\/|\/(?:var\/)?run\/(?:docker|containerd\/containerd|podman\/podman)\.sock|\/etc|\/root|\/proc|\/sys|\/var\/run|\/run|\/var\/lib\/docker)$/;

function look(context: Context, job: Job, container: MappingNode, what: string, isJob: boolean): void {
  const hosted = isHosted(askedRunner(job));
  // A machine of GitHub's is thrown away with the job, and the job is root on it anyway: only the image's own boundary is gone.
  const adjust = hosted ? [{ by: -1, reason: 'the runner is thrown away after the job' }] : [];
  const name = what[0]!.toUpperCase() + what.slice(1);
  const options = asScalar(getEntry(container, 'options')?.value);
  if (options || getEntry(container, 'volumes')) context.instance();
  const mount = (scalar: ScalarNode, start: number, text: string): void => {
    const source = text.split(':')[0]!.replace(/(?<=.)\/$/, '');
    if (HOST_MOUNT.test(source)) context.report({ at: valueRangeSpan(scalar, start, start + text.length), messageId: 'mount', data: { what: name, mount: source }, adjust });
  };
  for (const item of asSequence(getEntry(container, 'volumes')?.value)?.items ?? []) {
    const scalar = asScalar(item.value);
    if (scalar) mount(scalar, 0, scalar.value);
  }
  if (!options) return;
  for (const o of optionsIn(options.value)) {
    const reach = reachOf(o.name, o.value);
    if (reach) context.report({ at: valueRangeSpan(options, o.start, o.end), messageId: 'option', data: { option: options.value.slice(o.start, o.end), what, reach }, adjust });
    else if (o.name === '-v' || o.name === '--volume') mount(options, o.valueStart, o.value);
    else if (!hosted && isJob && (o.name === '--user' || o.name === '-u') && /^(?:root|0)(?::|$)/.test(o.value)) {
      const worst = worstEvent(context, job, undefined, context.query(workflowEvents).filter(e => OUTSIDER_EVENTS.has(e)));
      if (worst) context.report({ at: valueRangeSpan(options, o.start, o.end), messageId: 'root', data: { what: name, event: worst.event } });
    }
  }
}

interface Option { readonly name: string; readonly value: string; readonly start: number; readonly end: number; readonly valueStart: number }

/** Options that a value of its own word may follow, as far as they are looked at here. */
const TAKES_VALUE = new Set(['--cap-add', '--pid', '--ipc', '--userns', '--uts', '--cgroupns', '--network', '--net', '-v', '--volume', '--user', '-u']);

/** `--name=value`, `--name value`, `-v value`, `--name`; quotes around a word are left out. */
function optionsIn(text: string): Option[] {
  const words = [...text.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g)].map(m => {
    const quoted = /^["']/.test(m[0]);
    return { text: quoted ? m[0].slice(1, -1) : m[0], start: m.index, inside: m.index + (quoted ? 1 : 0), end: m.index + m[0].length };
  });
  const found: Option[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.text.startsWith('-')) continue;
    const equals = word.text.indexOf('=');
    const name = equals < 0 ? word.text : word.text.slice(0, equals);
    const next = words[i + 1];
    if (equals >= 0) found.push({ name, value: word.text.slice(equals + 1), start: word.start, end: word.end, valueStart: word.inside + equals + 1 });
    else if (TAKES_VALUE.has(name) && next) {
      found.push({ name, value: next.text, start: word.start, end: next.end, valueStart: next.inside });
      i++;
    } else found.push({ name, value: '', start: word.start, end: word.end, valueStart: word.end });
  }
  return found;
}
