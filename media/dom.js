// Builds the page out of elements and text nodes. Nothing here takes HTML, so nothing that a repository says can become HTML.
(() => {
  'use strict';

  /**
   * @param {string} tag
   * @param {Record<string, unknown>} [props] `class`, `data`, `on`, otherwise attributes; `undefined` and `false` are left out
   * @param {...(Node | string | undefined | false)} children strings become text
   */
  function element(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (value === undefined || value === false) continue;
      if (name === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
      else if (name === 'data') Object.assign(node.dataset, value);
      else if (name === 'value') node.value = value;
      else node.setAttribute(name, value === true ? '' : String(value));
    }
    node.append(...children.filter(child => child !== undefined && child !== false));
    return node;
  }

  /** Text whose `code` is shown as code: a list of nodes. */
  function rich(text) {
    const parts = text.split('`');
    if (parts.length % 2 === 0) return [text];
    return parts.map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
  }

  /** As `element`, for drawings. */
  function svg(tag, props = {}, ...children) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(props)) node.setAttribute(name, String(value));
    node.append(...children);
    return node;
  }

  /** An icon drawn with the text colour. It says nothing: words beside it do. */
  function icon(name) {
    return svg('svg', { 'viewBox': '0 0 16 16', 'class': `icon icon-${name}`, 'aria-hidden': 'true', 'focusable': 'false' }, ...(PATHS[name] ?? []).map(d => svg('path', { d })));
  }

  const CIRCLE = 'M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5z';
  const PATHS = {
    'met': [CIRCLE, 'M5 8.3l2.1 2.1L11 6'],
    'partial': [CIRCLE, 'M8 4.2a3.8 3.8 0 0 1 0 7.6z'],
    'missing': [CIRCLE, 'M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8'],
    'unknown': [CIRCLE, 'M6.2 6.3a1.85 1.85 0 1 1 2.7 1.8c-.6.3-.9.7-.9 1.3', 'M8 11.3v.1'],
    'not-applicable': [CIRCLE, 'M5 8h6'],
    'refresh': ['M13.2 8A5.2 5.2 0 1 1 11.5 4.2', 'M13.3 2.2v2.8h-2.8'],
    'place': ['M4 1.8h5.5L12.5 4.8v9.4H4z', 'M9.2 1.9v3.2h3.2'],
    'search': ['M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z', 'M10.4 10.4l3.3 3.3'],
    'target': [CIRCLE, 'M8 4.9a3.1 3.1 0 1 0 0 6.2 3.1 3.1 0 0 0 0-6.2z', 'M8 7.9v.2'],
    'chevron': ['M6 3.8L10.2 8 6 12.2'],
  };

  window.ciHardening = { element, icon, rich, svg };
})();
