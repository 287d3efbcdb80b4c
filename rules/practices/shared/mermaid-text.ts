/** What a Mermaid label says, whoever wrote it. */

/** Text of labels as people read it: entities are characters, `<br>` is a line's end. */
export function labelText(text: string): string {
  return text.replace(/<br\s*\/?>/gi, '\n')
    .replace(/#(\d{1,7});/g, (whole, code: string) => (Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : whole))
    .replaceAll('\u200b', '').replace(/[#&](quot|lt|gt|amp);/g, (_w, name: 'quot' | 'lt' | 'gt' | 'amp') => ({ quot: '"', lt: '<', gt: '>', amp: '&' })[name]);
}
