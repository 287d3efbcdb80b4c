// Workflows as their jobs run: columns of jobs from left to right, each a list for whoever can't see the arrows between them.
(() => {
  'use strict';

  const { element, svg, icon } = window.ciHardening;

  /** @param ui `strings`, `kept`, `keep`, `post`, `text` */
  window.ciHardening.pipelines = ui => {
    const { text } = ui;

    const section = report => {
      const shown = report.pipeline ?? [];
      if (shown.length === 0) return undefined;
      const { strings, kept } = ui;
      // The first one shows what is behind the others.
      if (!kept.pipelines) kept.pipelines = [shown[0].title];
      return element('section', { 'aria-labelledby': 'pipelines' },
        element('div', { class: 'titled' }, element('h2', { id: 'pipelines' }, strings.pipelines), element('span', { class: 'spacer' }),
          element('button', { class: 'link', type: 'button', data: { focus: 'mermaid' }, on: { click: () => ui.post({ type: 'mermaid', root: report.root }) } }, strings.copyMermaid)),
        ...shown.map((workflow, index) => pipeline(report, workflow, index)));
    };

    function pipeline(report, workflow, index) {
      const { strings, kept } = ui;
      const boxes = new Map();
      const event = element('li', { class: 'event' }, ...workflow.triggers.map(trigger => element('span', {}, trigger)));
      const start = element('li', {}, element('span', { class: 'visually-hidden' }, strings.startedBy), element('ul', {}, event));
      const lists = workflow.stages.map(jobs => element('ul', {}, ...jobs.map(job => {
        const item = jobItem(report, index, job);
        boxes.set(job.id, item);
        return item;
      })));
      const routes = routesOf(workflow.stages, event, boxes, lists);
      const stages = lists.map((list, stage) => element('li', {}, element('span', { class: 'visually-hidden' }, text(strings.stage, stage + 1)), list));
      const arrows = svg('svg', { 'class': 'arrows', 'aria-hidden': 'true', 'focusable': 'false' });
      const graph = element('div', { class: 'graph' }, arrows, element('ol', { 'class': 'stages', 'aria-label': workflow.title }, start, ...stages));
      const draw = () => { drawArrows(arrows, routes); };
      const details = element('details', { class: 'pipeline', open: kept.pipelines.includes(workflow.title) },
        element('summary', { data: { focus: `pipeline ${index}` } }, icon('chevron'), workflow.title), graph);
      new ResizeObserver(draw).observe(graph);
      details.addEventListener('toggle', () => {
        const others = kept.pipelines.filter(title => title !== workflow.title);
        ui.keep({ pipelines: details.open ? [...others, workflow.title] : others });
      });
      return details;
    }

    function jobItem(report, workflow, job) {
      const { strings } = ui;
      const notes = [strings.jobKinds[job.kind], ...job.lines].filter(Boolean);
      return element('li', { class: `job kind-${job.kind}` },
        element('button', {
          class: 'link', type: 'button', data: { focus: `job ${workflow} ${job.id}` }, on: { click: () => ui.post({ type: 'job', root: report.root, workflow, job: job.id }) },
        }, job.id),
        notes.length > 0 && element('span', { class: 'quiet' }, notes.join(' · ')),
        job.environment && element('span', { class: 'environment' }, text(strings.environment, job.environment)),
        job.needs.length > 0 && element('span', { class: 'visually-hidden' }, text(strings.needs, job.needs.join(', '))));
    }

    /**
     * Elements that each arrow goes through: from what starts the workflow, and from each job to those that wait for it and for nothing
     * between. An arrow over a stage has a lane of its own there, so that it isn't lost behind a box.
     */
    function routesOf(stages, start, boxes, lists) {
      const stageOf = new Map(stages.flatMap((jobs, stage) => jobs.map(job => [job.id, stage])));
      const byId = new Map(stages.flat().map(job => [job.id, job]));
      const waitsFor = (id, other, seen = new Set()) => !seen.has(id) && seen.add(id) && byId.get(id).needs.some(need => need === other || waitsFor(need, other, seen));
      const lanes = new Map();
      const lane = (id, stage) => {
        const key = `${stage} ${id}`;
        if (!lanes.has(key)) {
          lanes.set(key, element('li', { 'class': 'lane', 'aria-hidden': 'true' }));
          lists[stage].append(lanes.get(key));
        }
        return lanes.get(key);
      };
      return stages.flatMap((jobs, stage) => jobs.flatMap(({ id, needs }) => (needs.length === 0
        ? [[start, boxes.get(id)]]
        : needs.filter(need => stageOf.get(need) < stage && !needs.some(other => other !== need && waitsFor(other, need))).map(need => {
          const between = Array.from({ length: stage - stageOf.get(need) - 1 }, (_, skipped) => lane(need, stageOf.get(need) + 1 + skipped));
          return [boxes.get(need), ...between, boxes.get(id)];
        }))));
    }

    function drawArrows(arrows, routes) {
      const area = arrows.parentElement.querySelector('.stages');
      if (area.offsetWidth === 0) return;
      arrows.setAttribute('width', String(area.scrollWidth));
      arrows.setAttribute('height', String(area.offsetHeight));
      const origin = area.getBoundingClientRect();
      const place = node => {
        const { left, right, top, height } = node.getBoundingClientRect();
        return { left: left - origin.left, right: right - origin.left, middle: top - origin.top + height / 2 };
      };
      arrows.replaceChildren(...routes.map(route => {
        const places = route.map(place);
        const parts = places.slice(1).map((to, index) => {
          const from = places[index], last = index === places.length - 2;
          const end = last ? to.left - 5 : to.left, bend = (end - from.right) / 2;
          return `C${from.right + bend} ${from.middle} ${end - bend} ${to.middle} ${end} ${to.middle}${last ? 'm-4 -3.5l4.5 3.5-4.5 3.5' : `H${to.right}`}`;
        });
        return svg('path', { d: `M${places[0].right} ${places[0].middle}${parts.join('')}` });
      }));
    }

    return { section };
  };
})();
