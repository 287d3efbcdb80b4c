// The scorecard page. It holds no logic of its own: it shows the last report that the extension sent and says what was clicked.
(() => {
  'use strict';

  const { element, icon, rich } = window.ciHardening;
  const vscode = acquireVsCodeApi();
  const page = document.getElementById('page');
  const announcement = document.getElementById('announcement');

  /** Kept over a reload of the window and while the page is hidden. */
  const kept = { root: undefined, show: 'failing', query: '', open: [], pipelines: undefined, allActions: false, scroll: 0, history: [], series: '', ...vscode.getState() };
  let data;
  let strings;
  let said = '';
  /** Where the page was left, until everything that stood on it is there again. */
  let left = kept.scroll;

  const keep = change => { vscode.setState(Object.assign(kept, change)); };
  const text = (template, ...values) => values.reduce((result, value, index) => result.replace(`{${index}}`, () => String(value)), template);
  const whole = value => String(Math.floor(value));
  const range = ([low, high]) => (whole(low) === whole(high) ? whole(low) : `${whole(low)}–${whole(high)}`);
  const failing = control => control.verdict === 'missing' || control.verdict === 'partial';
  const chosen = () => data.reports.find(report => report.root === kept.root) ?? data.reports[0];
  const post = message => { vscode.postMessage(message); };
  /** A `YYYY-MM-DD` as the reader's language writes it. */
  const day = date => new Date(date).toLocaleDateString(document.documentElement.lang, { dateStyle: 'medium', timeZone: 'UTC' });

  const histories = new Map();
  const asked = new Set();
  const ui = { kept, keep, post, text, day, histories, redraw: () => { render(); }, get strings() { return strings; } };
  const trend = window.ciHardening.trend(ui);
  const pipelines = window.ciHardening.pipelines(ui);

  window.addEventListener('message', ({ data: message }) => {
    if (message.type === 'history') return showHistory(message);
    if (message.type !== 'reports') return undefined;
    data = message;
    strings = message.strings;
    if (message.root !== undefined) keep({ root: message.root });
    render();
    announce();
    return undefined;
  });
  window.addEventListener('scroll', () => { if (left === undefined) keep({ scroll: window.scrollY }); }, { passive: true });
  post({ type: 'ready' });

  function showHistory({ root, history }) {
    const before = histories.get(root);
    histories.set(root, history);
    const section = page.querySelector('.trend');
    if (!data || !section || chosen()?.root !== root) return;
    keepingFocus(() => { trend.fill(section, chosen()); });
    returnTo();
    if (before?.state === 'running' && history?.state === 'ready') announcement.textContent = text(strings.commitsDone, history.entries.length, history.total);
  }

  function keepingFocus(draw) {
    const focused = document.activeElement?.dataset.focus;
    draw();
    if (focused && document.activeElement?.dataset.focus !== focused) page.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function returnTo() {
    if (left === undefined) return;
    window.scrollTo(0, left);
    const report = chosen();
    if (isShown(report) && (!kept.history.includes(report.root) || histories.has(report.root))) left = undefined;
  }

  const isShown = report => report !== undefined && report.workflows > 0 && data.state !== 'error';

  /** Draws everything anew; what had the focus has it again. */
  function render() {
    const report = chosen();
    const whole = isShown(report);
    const scroll = window.scrollY;
    keepingFocus(() => { page.replaceChildren(...(whole ? reportParts(report) : [head(report), notice(report)])); });
    page.setAttribute('aria-busy', String(data.state === 'scanning'));
    if (left === undefined) window.scrollTo(0, scroll);
    else returnTo();
    // What has been looked at once is there again without being asked for.
    if (whole && kept.history.includes(report.root) && !histories.has(report.root) && !asked.has(report.root)) {
      asked.add(report.root);
      post({ type: 'historyKept', root: report.root });
    }
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
      label && element('button', { class: 'primary', type: 'button', data: { focus: action }, on: { click: () => post({ type: action }) } }, label));
    if (data.state === 'error') return say(strings.error, strings.restart, 'restart');
    if (data.state === 'no-folder') return say(strings.noFolder);
    if (data.state === 'ready' && report) return say(strings.noWorkflows, strings.create, 'create');
    const waiting = say(strings.scanning);
    waiting.append(element('div', { 'class': 'meter', 'aria-hidden': 'true' }, element('span', { class: 'known' })));
    return waiting;
  }

  function reportParts(report) {
    const controls = element('section', { 'aria-labelledby': 'controls' });
    fillControls(controls, report);
    return [head(report), overall(report), targets(report), categories(report), actions(report), trend.section(report), pipelines.section(report), controls].filter(Boolean);
  }

  function head(report) {
    return element('header', { class: 'head' },
      element('h1', {}, strings.title),
      data.reports.length > 1 ? repositoryChoice(report) : element('span', { class: 'quiet' }, report?.name ?? ''),
      element('span', { class: 'spacer' }),
      data.state === 'scanning' && report && element('span', { class: 'quiet' }, strings.scanning),
      element('button', { class: 'plain', type: 'button', data: { focus: 'refresh' }, on: { click: () => post({ type: 'refresh' }) } },
        icon('refresh'), strings.refresh),
      ...(isShown(report) ? [exportButton(report, 'export', strings.export), exportButton(report, 'badge', strings.exportBadge)] : []));
  }

  function exportButton(report, type, label) {
    return element('button', { class: 'plain', type: 'button', data: { focus: type }, on: { click: () => post({ type, root: report.root }) } }, label);
  }

  function repositoryChoice(report) {
    const choice = element('select', { 'aria-label': strings.repository, data: { focus: 'repository' }, on: {
      change: () => {
        keep({ root: choice.value, open: [] });
        post({ type: 'root', root: choice.value });
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
      }, `${index + 1} ${name}`, targetOf(report, 'overall')?.target === index + 1 && element('span', { class: 'aim' }, strings.target)))));
  }

  const targetOf = (report, name) => report.targets?.find(target => target.name === name);

  /** What is aimed at, how far that is, and until when. */
  function targets(report) {
    if (!report.targets) {
      return element('p', { class: 'no-target quiet' }, strings.noTarget, ' ', element('button', {
        class: 'link', type: 'button', data: { focus: 'configuration' }, on: { click: () => post({ type: 'configuration' }) },
      }, strings.openConfiguration));
    }
    return element('section', { 'aria-labelledby': 'targets' }, element('h2', { id: 'targets' }, strings.targets),
      element('ul', { class: 'targets' }, ...report.targets.map((target, index) => targetRow(report, target, index))));
  }

  function targetRow(report, { name, level, target, by }, index) {
    const label = name === 'overall' ? strings.overall : name;
    const reached = level >= target;
    const days = by && Math.round((Date.parse(by) - Date.parse(new Date().toISOString().slice(0, 10))) / 86_400_000);
    const count = ([one, many], number) => (number === 1 ? one : text(many, number));
    const left = days === 0 ? strings.today : days < 0 ? count(strings.overdue, -days) : count(strings.daysLeft, days);
    const facts = reached ? [strings.reached] : [count(strings.levelsToGo, target - level), ...(by ? [text(strings.due, day(by)), left] : [])];
    return element('li', { class: reached ? 'reached' : days < 0 ? 'late' : '' }, icon(reached ? 'met' : days < 0 ? 'missing' : 'target'),
      element('div', {}, element('div', {}, element('strong', {}, label), ` · ${reached ? text(strings.level, level) : text(strings.levelTo, level, target)} ${strings.levels[(reached ? level : target) - 1]}`),
        element('div', { class: 'quiet' }, facts.join(' · '))),
      !reached && element('button', {
        'type': 'button', 'class': 'secondary', 'aria-label': `${text(strings.hardenTo, target)} ${label}`, 'data': { focus: `target ${name}` },
        'on': { click: () => post({ type: 'target', root: report.root, target: index }) },
      }, text(strings.hardenTo, target)));
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
    const target = targetOf(report, category.name)?.target;
    return element('tr', {}, name,
      element('td', {},
        element('span', { class: 'pips', role: 'img', 'aria-label': [text(strings.levelOf, category.level), target && text(strings.targetLevel, target)].filter(Boolean).join(', ') },
          ...strings.levels.map((_, index) => element('span', { class: `${index < category.level ? 'reached' : ''} ${index + 1 === target ? 'aim' : ''}` }))),
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
      class: 'primary', type: 'button', data: { focus: 'harden' }, on: { click: () => post({ type: 'harden', root: report.root }) },
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
    // What is done by hand is done somewhere: where that is known, it leads there.
    const place = action.kind === 'manual' ? (control?.evidence.findIndex(evidence => evidence.place) ?? -1) : -1;
    const label = place >= 0 ? strings.goTo : action.edits ? strings.apply : strings.kinds[action.kind];
    return element('li', {},
      element('span', { class: 'gain number' }, text(strings.gain, Math.round(action.gain * 10) / 10)),
      element('div', {}, element('div', {}, action.title),
        element('div', { class: 'quiet' }, [control?.category, effort, strings.kindNotes[action.edits ? 'edit' : action.kind]].filter(Boolean).join(' · '))),
      element('button', {
        'type': 'button', 'class': action.kind === 'manual' ? 'secondary' : 'primary', 'aria-label': `${label}: ${action.title}`, 'data': { focus: `action ${action.controlId}` },
        'on': { click: () => (place >= 0 ? post({ type: 'open', root: report.root, control: control.id, evidence: place }) : run(report, action.controlId, action.kind)) },
      }, label));
  }

  function run(report, control, kind) {
    post({ type: kind === 'manual' ? 'explain' : kind, root: report.root, control });
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
          on: { click: () => post({ type: 'open', root: report.root, control: control.id, evidence: index }) },
        }, evidence.place), ' ', ...rich(evidence.text))
        : element('span', {}, ...rich(evidence.text))));
    const lookedFor = control.lookedFor.map(what => element('li', { class: 'quiet' }, icon('search'), element('span', {}, ...rich(what))));
    const button = (kind, label, style) => element('button', {
      class: style, type: 'button', data: { focus: `${kind} ${control.id}` }, on: { click: () => post({ type: kind, root: report.root, control: control.id }) },
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
