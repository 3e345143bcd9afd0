// Long tables: only the rows near what is seen are drawn, so that a thousand cost what thirty do.

import { changed } from "./drawing.js";
import { html, nothing, repeat } from "./lit.js";

const BESIDE = 20;
const GUESSED_ROW = 29;
const GUESSED_PANE = 1000;

// Scrolling does not bubble, and a pane may be scrolled before it was drawn a second time: so it is
// caught on its way down. Where rows are left out, others have come into sight.
document.addEventListener("scroll", ({ target }) => {
  if (target.querySelector?.("tr.space")) changed();
}, { passive: true, capture: true });

// What is seen of the scrolled pane of a view, as far as it was drawn already.
function paneOf(name) {
  const table = document.querySelector(`table.${name}`);
  const pane = table?.closest(".pane") ?? null;
  const row = table?.querySelector("tbody tr:not(.space)")?.offsetHeight || GUESSED_ROW;
  return { top: pane?.scrollTop ?? 0, height: pane?.clientHeight || GUESSED_PANE, row };
}

const space = (rows, height) => (rows
  ? html`<tr class="space" aria-hidden="true" .style=${`height:${rows * height}px`}></tr>` : nothing);

// The body of the table of a class: `key` tells rows apart, `rowView` draws one, given its place.
export function bodyOf(name, rows, key, rowView) {
  const { top, height, row } = paneOf(name);
  const first = Math.max(0, Math.min(Math.floor(top / row), rows.length) - BESIDE);
  const last = Math.min(rows.length, first + Math.ceil(height / row) + 2 * BESIDE);
  const places = new Map(rows.slice(first, last).map((each, index) => [each, first + index + 2]));
  return html`<tbody data-roving>${space(first, row)}
    ${repeat([...places.keys()], key, (each) => rowView(each, places.get(each)))}
    ${space(rows.length - last, row)}</tbody>`;
}
