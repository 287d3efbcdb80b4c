// The scorecard page. It holds no logic of its own: it shows the last report that the extension sent and says what was clicked.
(() => {
  'use strict';

  const { element, icon, rich } = window.ciHardening;
  const vscode = acquireVsCodeApi();
  const page = document.getElementById('page');
  const announcement = document.getElementById('announcement');

  /** Kept over a reload of the window and while the page is hidden. */
  const kept = { root: undefined, show: 'failing', query: '', open: [], pipelines: [], allActions: false, scroll: 0, ...vscode.getState() };
  let data;
  let strings;
  let said = '';

  const keep = change => { vscode.setState(Object.assign(kept, change)); };
  const text = (template, ...values) => values.reduce((result, value, index) => result.replace(`{${index}}`, () => String(value)), template);
  const whole = value => String(Math.floor(value));
  const range = ([low, high]) => (whole(low) === whole(high) ? whole(low) : `${whole(low)}–${whole(high)}`);
  const failing = control => control.verdict === 'missing' || control.verdict === 'partial';
  const chosen = () => data.reports.find(report => report.root === kept.root) ?? data.reports[0];

  window.addEventListener('message', ({ data: message }) => {
    if (message.type !== 'reports') return;
    data = message;
    strings = message.strings;
    if (message.root !== undefined) keep({ root: message.root });
    render();
    announce();
  });
  window.addEventListener('scroll', () => { keep({ scroll: window.scrollY }); }, { passive: true });
  vscode.postMessage({ type: 'ready' });

  /** Draws everything anew; what had the focus has it again. */
  function render() {
    const focused = document.activeElement?.dataset.focus;
    const scroll = page.childElementCount > 0 ? window.scrollY : kept.scroll;
    const report = chosen();
    page.replaceChildren(...(report && report.workflows > 0 && data.state !== 'error' ? reportParts(report) : [head(report), notice(report)]));
    page.setAttribute('aria-busy', String(data.state === 'scanning'));
    if (focused) page.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    window.scrollTo(0, scroll);
  }

  function announce() {
    const report = chosen();
    if (!report || data.state !== 'ready') return;
    const now = text(strings.updated, whole(report.score), `${report.level} ${report.levelName}`);
    if (said && now !== said) announcement.textContent = now;
    said = now;
  }

  function notice(report) {
    const say = (message, label, action) => element('div', { class: 'notice' },
      element('p', {}, message),
      label && element('button', { class: 'primary', type: 'button', data: { focus: action }, on: { click: () => vscode.postMessage({ type: action }) } }, label));
    if (data.state === 'error') return say(strings.error, strings.restart, 'restart');
    if (data.state === 'no-folder') return say(strings.noFolder);
    if (data.state === 'ready' && report) return say(strings.noWorkflows, strings.create, 'create');
    return say(strings.scanning);
  }

  function reportParts(report) {
    const controls = element('section', { 'aria-labelledby': 'controls' });
    fillControls(controls, report);
    return [head(report), overall(report), categories(report), actions(report), controls, pipelines(report)].filter(Boolean);
  }

  function head(report) {
    return element('header', { class: 'head' },
      element('h1', {}, strings.title),
      data.reports.length > 1 ? repositoryChoice(report) : element('span', { class: 'quiet' }, report?.name ?? ''),
      element('span', { class: 'spacer' }),
      data.state === 'scanning' && report && element('span', { class: 'quiet' }, strings.scanning),
      element('button', { class: 'plain', type: 'button', data: { focus: 'refresh' }, on: { click: () => vscode.postMessage({ type: 'refresh' }) } },
        icon('refresh'), strings.refresh),
      report && report.workflows > 0 && element('button', {
        class: 'plain', type: 'button', data: { focus: 'export' }, on: { click: () => vscode.postMessage({ type: 'export', root: report.root }) },
      }, strings.export));
  }

  /** Workflows as lists: each stage holds the jobs that wait for those before it. */
  function pipelines(report) {
    const shown = report.pipeline ?? [];
    if (shown.length === 0) return undefined;
    return element('section', { 'aria-labelledby': 'pipelines' }, element('h2', { id: 'pipelines' }, strings.pipelines), ...shown.map((workflow, index) => pipeline(report, workflow, index)));
  }

  function pipeline(report, workflow, index) {
    const stages = workflow.stages.map((jobs, stage) => element('li', {},
      element('span', { class: 'quiet' }, text(strings.stage, stage + 1)), element('ul', {}, ...jobs.map(job => jobItem(report, index, job)))));
    const details = element('details', { class: 'pipeline', open: kept.pipelines.includes(workflow.title) },
      element('summary', { data: { focus: `pipeline ${index}` } }, workflow.title, element('span', { class: 'quiet' }, ` · ${workflow.triggers.join(' · ')}`)),
      element('ol', { 'class': 'stages', 'aria-label': workflow.title }, ...stages));
    details.addEventListener('toggle', () => {
      const others = kept.pipelines.filter(title => title !== workflow.title);
      keep({ pipelines: details.open ? [...others, workflow.title] : others });
    });
    return details;
  }

  function jobItem(report, workflow, job) {
    const notes = [strings.jobKinds[job.kind], ...job.lines, job.environment && text(strings.environment, job.environment),
      job.needs.length > 0 && text(strings.needs, job.needs.join(', '))].filter(Boolean);
    return element('li', { class: `job kind-${job.kind}` },
      element('button', {
        class: 'link', type: 'button', data: { focus: `job ${workflow} ${job.id}` },
        on: { click: () => vscode.postMessage({ type: 'job', root: report.root, workflow, job: job.id }) },
      }, job.id),
      notes.length > 0 && element('span', { class: 'quiet' }, ` ${notes.join(' · ')}`));
  }

  function repositoryChoice(report) {
    const choice = element('select', { 'aria-label': strings.repository, data: { focus: 'repository' }, on: {
      change: () => {
        keep({ root: choice.value, open: [] });
        vscode.postMessage({ type: 'root', root: choice.value });
        said = '';
        render();
      },
    } }, ...data.reports.map(({ root, name }) => element('option', { value: root, selected: root === report.root }, name)));
    return choice;
  }

  function overall(report) {
    return element('section', { class: 'overall', 'aria-label': strings.overall },
      element('div', {}, element('span', { class: 'value number' }, whole(report.score)), element('span', { class: 'quiet' }, strings.outOf)),
      element('div', {},
        element('p', { class: 'level' }, `${text(strings.level, report.level)} · ${report.levelName}`),
        report.heldBackBy && element('p', { class: 'quiet' }, report.heldBackBy)),
      meter(strings.overall, report.score, report.interval),
      element('p', { class: 'facts quiet' }, report.headline),
      element('ol', { class: 'ladder' }, ...strings.levels.map((name, index) => element('li', {
        'class': `${index < report.level ? 'reached' : ''} ${index + 1 === report.level ? 'current' : ''}`,
        'aria-current': index + 1 === report.level ? 'step' : undefined,
      }, `${index + 1} ${name}`))));
  }

  function meter(label, score, [low, high]) {
    const known = element('span', { class: 'known' });
    known.style.width = `${low}%`;
    const possible = element('span', { class: 'possible' });
    possible.style.insetInlineStart = `${low}%`;
    possible.style.width = `${Math.max(0, high - low)}%`;
    return element('div', {
      'class': 'meter', 'role': 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': whole(score),
      'aria-valuetext': whole(low) === whole(high) ? text(strings.scoreText, whole(score)) : text(strings.scoreRange, whole(low), whole(high)),
    }, known, possible);
  }

  function categories(report) {
    return element('section', { 'aria-labelledby': 'categories' },
      element('h2', { id: 'categories' }, strings.categories),
      element('table', {},
        element('thead', {}, element('tr', {},
          element('th', { scope: 'col' }, strings.category), element('th', { scope: 'col' }, strings.levelHeading),
          element('th', { scope: 'col' }, strings.score), element('th', { scope: 'col', class: 'number' }, strings.toDo))),
        element('tbody', {}, ...report.categories.map(category => categoryRow(report, category)))));
  }

  function categoryRow(report, category) {
    const name = element('th', { scope: 'row' }, category.name);
    if (!category.applicable) return element('tr', {}, name, element('td', { class: 'quiet', colspan: 3 }, strings.notApplicable));
    const open = report.controls.filter(control => control.category === category.name && failing(control)).length;
    return element('tr', {}, name,
      element('td', {},
        element('span', { class: 'pips', role: 'img', 'aria-label': text(strings.levelOf, category.level) },
          ...strings.levels.map((_, index) => element('span', { class: index < category.level ? 'reached' : '' }))),
        element('span', { class: 'quiet' }, strings.levels[category.level - 1] ?? '')),
      element('td', {}, element('div', { class: 'bar-cell' },
        meter(`${category.name}: ${strings.score}`, category.score, category.interval),
        element('span', { class: 'number' }, range(category.interval)))),
      element('td', { class: 'number' }, String(open)));
  }

  const FIRST_ACTIONS = 6;
  function actions(report) {
    const shown = kept.allActions ? report.actions : report.actions.slice(0, FIRST_ACTIONS);
    const more = report.actions.length - shown.length;
    const list = shown.length === 0
      ? element('p', { class: 'quiet' }, strings.noActions)
      : element('ol', { class: 'actions' }, ...shown.map(action => actionRow(report, action)));
    const harden = report.actions.some(({ kind }) => kind !== 'manual') && element('button', {
      class: 'primary', type: 'button', data: { focus: 'harden' }, on: { click: () => vscode.postMessage({ type: 'harden', root: report.root }) },
    }, strings.harden);
    return element('section', { 'aria-labelledby': 'actions' },
      element('div', { class: 'titled' }, element('h2', { id: 'actions' }, strings.actions), element('span', { class: 'spacer' }), harden), list,
      more > 0 && element('button', { class: 'link more', type: 'button', on: {
        click: () => {
          keep({ allActions: true });
          render();
          page.querySelectorAll('.actions button')[FIRST_ACTIONS]?.focus();
        },
      } }, text(strings.moreActions, more)));
  }

  function actionRow(report, action) {
    const control = report.controls.find(({ id }) => id === action.controlId);
    const effort = strings.effort[Math.min(Math.max(Math.round(action.effort), 1), 3) - 1];
    return element('li', {},
      element('span', { class: 'gain number' }, text(strings.gain, Math.round(action.gain * 10) / 10)),
      element('div', {}, element('div', {}, action.title),
        element('div', { class: 'quiet' }, [control?.category, effort, strings.kindNotes[action.kind]].filter(Boolean).join(' · '))),
      element('button', {
        'type': 'button', 'class': action.kind === 'manual' ? 'secondary' : 'primary', 'aria-label': `${strings.kinds[action.kind]}: ${action.title}`,
        'data': { focus: `action ${action.controlId}` }, 'on': { click: () => run(report, action.controlId, action.kind) },
      }, strings.kinds[action.kind]));
  }

  function run(report, control, kind) {
    vscode.postMessage({ type: kind === 'manual' ? 'explain' : kind, root: report.root, control });
  }

  function fillControls(section, report) {
    const open = report.controls.filter(failing);
    const table = element('div');
    const fill = () => { table.replaceChildren(controlTable(report)); };
    const choice = (value, label) => element('label', {}, element('input', {
      type: 'radio', name: 'show', checked: kept.show === value, data: { focus: `show ${value}` }, on: { change: () => { keep({ show: value }); fill(); } },
    }), label);
    const search = element('input', {
      'type': 'search', 'placeholder': strings.search, 'aria-label': strings.search, 'value': kept.query, 'data': { focus: 'search' },
      'on': { input: () => { keep({ query: search.value }); fill(); } },
    });
    section.append(
      element('h2', { id: 'controls' }, strings.controls),
      element('div', { class: 'toolbar' },
        element('div', { 'class': 'choice', 'role': 'radiogroup', 'aria-label': strings.show },
          choice('failing', text(strings.failing, open.length)), choice('all', text(strings.all, report.controls.length))),
        element('span', { class: 'spacer' }), search),
      table);
    fill();
  }

  function controlTable(report) {
    const query = kept.query.trim().toLowerCase();
    const shown = report.controls.filter(control => (kept.show === 'all' || failing(control))
      && (query === '' || `${control.label} ${control.title} ${control.id} ${control.category}`.toLowerCase().includes(query)));
    if (shown.length === 0) return element('p', { class: 'quiet' }, kept.show === 'failing' && query === '' ? strings.noActions : strings.none);
    const bodies = report.categories.flatMap(({ name }) => {
      const controls = shown.filter(control => control.category === name);
      if (controls.length === 0) return [];
      return [
        element('tbody', { class: 'group' }, element('tr', {}, element('th', { scope: 'rowgroup', colspan: 4 }, name))),
        element('tbody', {}, ...controls.flatMap(control => controlRows(report, control))),
      ];
    });
    return element('table', { 'class': 'controls', 'aria-labelledby': 'controls' },
      element('thead', {}, element('tr', {},
        element('th', { scope: 'col' }, strings.control), element('th', { scope: 'col', class: 'result-column' }, strings.result),
        element('th', { scope: 'col', class: 'short-column' }, strings.levelHeading),
        element('th', { scope: 'col', class: 'short-column' }, strings.severity))),
      ...bodies);
  }

  function controlRows(report, control) {
    const id = `details-${control.id}`;
    const details = element('tr', { class: 'details', id, hidden: !kept.open.includes(control.id) }, element('td', { colspan: 4 }, ...detailParts(report, control)));
    const toggle = element('button', {
      'class': 'disclosure', 'type': 'button', 'aria-expanded': String(!details.hidden), 'aria-controls': id, 'data': { focus: id },
      'on': {
        click: () => {
          details.hidden = !details.hidden;
          toggle.setAttribute('aria-expanded', String(!details.hidden));
          keep({ open: details.hidden ? kept.open.filter(other => other !== control.id) : [...kept.open, control.id] });
        },
      },
    }, icon('chevron'), control.label);
    return [
      element('tr', {},
        element('th', { scope: 'row' }, toggle),
        element('td', { class: 'result-column' }, element('span', { class: `result severity-${control.severity}` }, icon(control.verdict), control.resultLabel)),
        element('td', { class: 'short-column quiet' }, String(control.level)),
        element('td', { class: 'short-column quiet' }, strings.severities[control.severity] ?? control.severity)),
      details,
    ];
  }

  function detailParts(report, control) {
    const places = control.evidence.map((evidence, index) => element('li', {}, icon(evidence.place ? 'place' : 'search'),
      evidence.place
        ? element('span', {}, element('button', {
          class: 'link', type: 'button', data: { focus: `place ${control.id} ${index}` },
          on: { click: () => vscode.postMessage({ type: 'open', root: report.root, control: control.id, evidence: index }) },
        }, evidence.place), ' ', ...rich(evidence.text))
        : element('span', {}, ...rich(evidence.text))));
    const lookedFor = control.lookedFor.map(what => element('li', { class: 'quiet' }, icon('search'), element('span', {}, ...rich(what))));
    const button = (kind, label, style) => element('button', {
      class: style, type: 'button', data: { focus: `${kind} ${control.id}` }, on: { click: () => vscode.postMessage({ type: kind, root: report.root, control: control.id }) },
    }, label);
    return [
      control.kind === 'rule' && element('p', { class: 'quiet' }, ...rich(control.title)),
      places.length > 0 && element('ul', { 'aria-label': strings.places }, ...places),
      lookedFor.length > 0 && element('ul', { 'aria-label': strings.lookedFor }, ...lookedFor),
      element('div', { class: 'buttons' },
        control.addTitle !== undefined && failing(control) && button('add', control.addTitle, 'secondary'),
        control.fixable === true && failing(control) && button('fix', strings.kinds.fix, 'secondary'),
        button('explain', strings.documentation, 'link')),
    ];
  }
})();
