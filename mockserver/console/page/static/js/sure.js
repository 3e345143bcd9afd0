// A button for what cannot be undone: the first press asks, the second does it.

import { changed } from "./drawing.js";
import { html } from "./lit.js";

const PATIENCE = 4000;
let asked = "";
let timer = 0;

function ask(name) {
  asked = name;
  clearTimeout(timer);
  timer = setTimeout(() => { asked = ""; changed(); }, PATIENCE);
  changed();
}

// `name` says which button it is, among all that are on the page.
export function sure(name, label, action) {
  const asking = asked === name;
  const press = () => {
    if (!asking) return ask(name);
    asked = "";
    return action();
  };
  return html`<button class="danger small" ?data-asking=${asking} @click=${press}>
    ${asking ? `Really ${label.toLowerCase()}?` : label}</button>`;
}
