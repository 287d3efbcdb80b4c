// The score over time: drawn here from numbers that the extension sends, as a line, and as a table that says the same.
(() => {
  'use strict';

  const { element, svg, icon } = window.ciHardening;
  const HEIGHT = 190;
  const EDGE = { left: 34, right: 14, top: 12, bottom: 24 };
  const DAY = 86_400_000;
  /** More dots than these run into one another. */
  const MOST_DOTS = 80;
  const FIRST_ROWS = 100;

  /** @param ui `strings`, `kept`, `keep`, `post`, `text`; `histories` by root; what is drawn anew is asked for with `redraw` */
  window.ciHardening.trend = ui => {
    const { text } = ui;
    let resized;

    const section = report => {
      const node = element('section', { 'class': 'trend', 'aria-labelledby': 'trend' });
      fill(node, report);
      return node;
    };

    /** Draws a section anew, but moves the bar alone while nothing else is different. */
    function fill(node, report) {
      const history = ui.histories.get(report.root) ?? { state: 'none', entries: [] };
      const bar = node.querySelector('[role="progressbar"]');
      if (history.state === 'running' && bar && node.dataset.root === report.root) return moveBar(bar, history);
      node.dataset.root = report.root;
      node.replaceChildren(...parts(report, history).filter(Boolean));
      const plot = node.querySelector('.plot');
      resized?.disconnect();
      if (!plot) return undefined;
      resized = new ResizeObserver(() => { plot.draw(); });
      resized.observe(plot);
      return undefined;
    }

    function parts(report, history) {
      const { strings } = ui;
      const { state, entries } = history;
      const missing = state === 'ready' ? history.total - entries.length : 0;
      const ask = (type, label, style = 'secondary') => element('button', {
        class: style, type: 'button', data: { focus: 'history' }, on: { click: () => { ui.keep({ history: [...new Set([...ui.kept.history, report.root])] }); ui.post({ type, root: report.root }); } },
      }, label);
      const shown = entries.length > 0;
      const rest = element('div', { class: 'titled' }, element('h2', { id: 'trend' }, strings.trend), shown && seriesChoice(report), element('span', { class: 'spacer' }),
        state === 'none' && ask('history', strings.showHistory), state === 'running' && ask('historyStop', strings.stop), missing > 0 && shown && ask('history', text(strings.scoreMissing, missing)),
        missing > 0 && !shown && ask('history', strings.showHistory));
      return [rest,
        state === 'running' && moveBar(element('div', { 'class': 'progress', 'role': 'progressbar', 'aria-label': strings.historyRuns, 'aria-valuemin': 0 },
          element('div', { class: 'meter' }, element('span', { class: 'known' })), element('span', { class: 'quiet number' })), history),
        state === 'unavailable' && element('p', { class: 'quiet' }, history.reason),
        state === 'ready' && history.total === 0 && element('p', { class: 'quiet' }, strings.noCommits),
        (state === 'none' || (missing > 0 && !shown)) && element('p', { class: 'quiet' }, strings.historyIntro),
        ...(shown ? chart(report, entries) : []), shown && table(report, entries)];
    }

    function moveBar(bar, { done = 0, total = 0 }) {
      const { strings } = ui;
      bar.querySelector('.known').style.width = `${total > 0 ? (done / total) * 100 : 0}%`;
      bar.lastChild.textContent = total > 0 ? text(strings.commitsDone, done, total) : strings.historyRuns;
      for (const [name, value] of [['aria-valuemax', Math.max(total, 1)], ['aria-valuenow', done], ['aria-valuetext', bar.lastChild.textContent]]) bar.setAttribute(name, String(value));
      return bar;
    }

    function seriesChoice(report) {
      const { strings, kept } = ui;
      const names = report.categories.filter(({ applicable }) => applicable).map(({ name }) => name);
      const choice = element('select', { 'aria-label': strings.series, 'data': { focus: 'series' }, 'on': { change: () => { ui.keep({ series: choice.value }); ui.redraw(); } } },
        element('option', { value: '' }, strings.overall), ...names.map(name => element('option', { value: name, selected: name === kept.series }, name)));
      return choice;
    }

    const value = (entry, series) => (series ? entry.categories[series] ?? 0 : entry.score);
    const change = (entries, index, series) => (index + 1 < entries.length ? value(entries[index], series) - value(entries[index + 1], series) : 0);
    const signed = number => (number > 0 ? `+${number}` : number < 0 ? `−${-number}` : '');

    /** The line, the reading of one commit below it, and both by keyboard. `entries` come newest first. */
    function chart(report, entries) {
      const { strings } = ui;
      const series = report.categories.some(({ name, applicable }) => applicable && name === ui.kept.series) ? ui.kept.series : '';
      const now = series ? report.categories.find(({ name }) => name === series).score : report.score;
      const target = series ? undefined : report.targets?.find(({ name }) => name === 'overall');
      const oldestFirst = [...entries].reverse();
      const times = timesOf(oldestFirst);
      const values = oldestFirst.map(entry => value(entry, series));
      let chosen = oldestFirst.length - 1;

      const reading = element('p', { class: 'reading' });
      const plot = element('div', {
        'class': 'plot', 'role': 'slider', 'tabindex': 0, 'aria-label': strings.commitOf, 'aria-valuemin': 1, 'aria-valuemax': oldestFirst.length, 'data': { focus: 'plot' },
        'on': {
          keydown: event => {
            const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            choose(chosen + step);
          },
          pointermove: ({ clientX }) => {
            const x = clientX - plot.getBoundingClientRect().left;
            choose(places.reduce((best, place, index) => (Math.abs(place.x - x) < Math.abs(places[best].x - x) ? index : best), 0));
          },
        },
      });
      let places = [];
      let cursor;

      function choose(index) {
        chosen = Math.min(Math.max(index, 0), oldestFirst.length - 1);
        const entry = oldestFirst[chosen];
        const by = signed(chosen > 0 ? values[chosen] - values[chosen - 1] : 0);
        const points = `${text(strings.scoreText, values[chosen])}${by ? ` (${by})` : ''}`;
        const level = series ? undefined : text(strings.level, entry.level);
        reading.replaceChildren(element('strong', { class: 'number' }, points), [level, ui.day(entry.date), entry.commit.slice(0, 7), entry.subject].filter(Boolean).map(part => ` · ${part}`).join(''));
        plot.setAttribute('aria-valuenow', String(chosen + 1));
        plot.setAttribute('aria-valuetext', reading.textContent);
        if (cursor) for (const [name, number] of [['cx', places[chosen].x], ['cy', places[chosen].y]]) cursor.setAttribute(name, String(number));
      }

      plot.draw = () => {
        const width = Math.max(plot.clientWidth, 200);
        const by = target?.by ? Date.parse(target.by) : undefined;
        const [first] = times;
        const today = Math.max(Date.now(), times.at(-1) + DAY);
        // A day far off would leave no room for what has been.
        const end = by !== undefined && by > today && by - today <= today - first ? by : today;
        const across = time => EDGE.left + ((time - first) / Math.max(end - first, 1)) * (width - EDGE.left - EDGE.right);
        const up = points => EDGE.top + (1 - points / 100) * (HEIGHT - EDGE.top - EDGE.bottom);
        places = times.map((time, index) => ({ x: across(time), y: up(values[index]) }));
        const steps = places.map(({ x, y }, index) => (index === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join('');
        const ends = `${steps}H${across(today)}V${up(now)}`;
        const label = (x, y, anchor, words, more = '') => svg('text', { x, y, 'text-anchor': anchor, 'class': more }, words);
        const aim = target && 20 * (target.target - 1);
        const drawing = svg('svg', { 'class': 'drawing', 'width': width, 'height': HEIGHT, 'viewBox': `0 0 ${width} ${HEIGHT}`, 'aria-hidden': 'true', 'focusable': 'false' },
          ...[0, 20, 40, 60, 80, 100].flatMap(points => [
            svg('path', { class: 'grid', d: `M${EDGE.left} ${up(points)}H${width - EDGE.right}` }), label(EDGE.left - 8, up(points) + 4, 'end', String(points)),
          ]),
          svg('path', { class: 'area', d: `${ends}V${up(0)}H${places[0].x}Z` }),
          svg('path', { class: 'line', d: ends }),
          ...(places.length <= MOST_DOTS ? places.map(({ x, y }) => svg('circle', { class: 'dot', cx: x, cy: y, r: 2.5 })) : []),
          svg('circle', { class: 'now', cx: across(today), cy: up(now), r: 4 }),
          label(EDGE.left, HEIGHT - 6, 'start', ui.day(oldestFirst[0].date)),
          label(across(today) > width - 70 ? width - EDGE.right : across(today), HEIGHT - 6, across(today) > width - 70 ? 'end' : 'middle', strings.now),
          ...(target ? [
            svg('path', { class: 'target', d: end === by ? `M${across(today)} ${up(now)}L${across(by)} ${up(aim)}` : `M${EDGE.left} ${up(aim)}H${width - EDGE.right}` }),
            svg('path', { class: 'flag', d: `M${width - EDGE.right - 5} ${up(aim)}l5 -5 5 5 -5 5z` }),
            label(width - EDGE.right - 10, up(aim) - 8, 'end', [text(strings.targetLevel, target.target), target.by && ui.day(target.by)].filter(Boolean).join(' · '), 'aim'),
          ] : []));
        cursor = svg('circle', { class: 'cursor', r: 6, cx: 0, cy: 0 });
        drawing.append(cursor);
        plot.replaceChildren(drawing);
        choose(chosen);
      };
      choose(chosen);
      return [plot, reading];
    }

    /** Commits of one day stand one after the other within it. */
    function timesOf(entries) {
      const days = new Map();
      for (const { date } of entries) days.set(date, [...days.get(date) ?? [], date]);
      return [...days].flatMap(([date, those]) => those.map((_, index) => Date.parse(date) + (index / those.length) * DAY));
    }

    function table(report, entries) {
      const { strings, kept } = ui;
      const rows = (from, to) => entries.slice(from, to).map((entry, offset) => element('tr', {},
        element('td', { class: 'date' }, ui.day(entry.date)), element('td', {}, element('code', {}, entry.commit.slice(0, 7)), ` ${entry.subject ?? ''}`),
        element('td', { class: 'number' }, String(entry.score)), element('td', { class: 'number' }, signed(change(entries, from + offset, ''))),
        element('td', { class: 'number' }, String(entry.level)), element('td', { class: 'number' }, String((entry.open.critical ?? 0) + (entry.open.high ?? 0)))));
      const body = element('tbody', {}, ...rows(0, FIRST_ROWS));
      const more = entries.length > FIRST_ROWS && element('button', { class: 'link more', type: 'button', on: {
        click: () => {
          body.append(...rows(FIRST_ROWS));
          more.remove();
        },
      } }, text(strings.moreActions, entries.length - FIRST_ROWS));
      const details = element('details', { open: kept.commits === true }, element('summary', { data: { focus: 'commits' } }, icon('chevron'), text(strings.commits, entries.length)),
        element('table', {}, element('thead', {}, element('tr', {}, ...[strings.date, strings.commit].map(name => element('th', { scope: 'col' }, name)),
          ...[strings.score, strings.change, strings.levelHeading, strings.severe].map(name => element('th', { scope: 'col', class: 'number' }, name)))), body), more);
      details.addEventListener('toggle', () => { ui.keep({ commits: details.open }); });
      return details;
    }

    return { section, fill };
  };
})();
