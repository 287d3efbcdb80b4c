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
      const start = element('li', { class: 'start' }, element('span', { class: 'visually-hidden' }, strings.startedBy), element('ul', {},
        element('li', { class: 'event' }, ...workflow.triggers.map(trigger => element('span', {}, trigger)))));
      const stages = workflow.stages.map((jobs, stage) => element('li', {}, element('span', { class: 'visually-hidden' }, text(strings.stage, stage + 1)),
        element('ul', {}, ...jobs.map(job => {
          const item = jobItem(report, index, job);
          boxes.set(job.id, item);
          return item;
        }))));
      const arrows = svg('svg', { 'class': 'arrows', 'aria-hidden': 'true', 'focusable': 'false' });
      const graph = element('div', { class: 'graph' }, arrows, element('ol', { 'class': 'stages', 'aria-label': workflow.title }, start, ...stages));
      const draw = () => { drawArrows(arrows, start.querySelector('.event'), boxes, workflow.stages.flat()); };
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

    /** From what starts the workflow, and from each job to those that wait for it and for nothing between. */
    function drawArrows(arrows, start, boxes, jobs) {
      const area = arrows.parentElement.querySelector('.stages');
      if (area.offsetWidth === 0) return;
      arrows.setAttribute('width', String(area.scrollWidth));
      arrows.setAttribute('height', String(area.offsetHeight));
      const origin = area.getBoundingClientRect();
      const place = node => {
        const { left, right, top, height } = node.getBoundingClientRect();
        return { left: left - origin.left, right: right - origin.left, middle: top - origin.top + height / 2 };
      };
      const byId = new Map(jobs.map(job => [job.id, job]));
      const waitsFor = (id, other, seen = new Set()) => !seen.has(id) && seen.add(id) && (byId.get(id)?.needs ?? []).some(need => need === other || waitsFor(need, other, seen));
      const paths = jobs.flatMap(({ id, needs }) => {
        const to = place(boxes.get(id));
        const before = needs.length === 0 ? [start] : needs.filter(need => !needs.some(other => other !== need && waitsFor(other, need))).map(need => boxes.get(need));
        return before.map(place).filter(from => from.right < to.left).map(from => {
          const bend = Math.min((to.left - from.right) / 2, 28);
          return svg('path', { d: `M${from.right} ${from.middle}C${from.right + bend} ${from.middle} ${to.left - bend - 5} ${to.middle} ${to.left - 5} ${to.middle}m-4 -3.5l4.5 3.5-4.5 3.5` });
        });
      });
      arrows.replaceChildren(...paths);
    }

    return { section };
  };
})();
