// The keys of the page, in a dialog of the browser's own.

import { html } from "./lit.js";

const KEYS = [
  ["1 … 6", "Requests, State, Operations, Faults, Clock, Sandboxes"],
  ["↓ ↑ or j k", "next and previous in a list"],
  ["Enter", "open what has the focus"],
  ["Esc", "close what is open"],
  ["/", "to the filter"],
  ["p", "pause or go on (Requests)"],
  ["Ctrl+S", "save the record (State)"],
  ["?", "this list"],
];

export function openHelp() {
  document.getElementById("help").showModal();
}

export function helpView() {
  return html`<dialog id="help" aria-labelledby="help-title">
    <form method="dialog" class="head"><h2 id="help-title">Keys</h2><span class="grow"></span>
      <button class="quiet" aria-label="Close">×</button></form>
    <dl class="keys">${KEYS.map(([key, does]) => html`<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`)}</dl>
  </dialog>`;
}
