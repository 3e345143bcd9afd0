// What the page tells in passing, at its lower edge; screen readers hear it.

import { Refusal } from "./api.js";
import { changed } from "./drawing.js";
import { html, repeat } from "./lit.js";

const SECONDS = 6;
const notices = [];
let number = 0;

function add(notice) {
  notices.push(notice);
  if (notices.length > 3) notices.shift();
  setTimeout(() => drop(notice), (notice.undo ? 2 : 1) * SECONDS * 1000);
  changed();
}

function drop(notice) {
  const at = notices.indexOf(notice);
  if (at >= 0) notices.splice(at, 1);
  changed();
}

// Says what was done; with `undo`, offers to take it back.
export function tell(text, undo) {
  add({ id: ++number, text, undo, kind: "done" });
}

export function complain(error) {
  if (!(error instanceof Refusal)) console.error(error);
  add({ id: ++number, text: error.message, kind: "wrong" });
}

// Does something, and tells when it is refused.
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    complain(error);
    return undefined;
  }
}

export function noticesView() {
  return html`<div class="notices" role="status" aria-live="polite">
    ${repeat(notices, (each) => each.id, (each) => html`
      <div class="notice ${each.kind}">
        <span>${each.text}</span>
        ${each.undo ? html`<button @click=${() => { drop(each); each.undo(); }}>Undo</button>` : ""}
        <button class="quiet" aria-label="Dismiss" @click=${() => drop(each)}>×</button>
      </div>`)}
  </div>`;
}
