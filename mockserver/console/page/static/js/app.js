// The page: its bar, its views, and what leads from one to the other.

import { SANDBOX } from "./api.js";
import * as clock from "./clock.js";
import { afterDrawing, changed, drawWith } from "./drawing.js";
import * as faults from "./faults.js";
import { feed, follow } from "./feed.js";
import { helpView, openHelp } from "./help.js";
import { closeMenus, press } from "./keys.js";
import { html, nothing, render } from "./lit.js";
import { noticesView } from "./notices.js";
import * as operations from "./operations.js";
import { address, place } from "./place.js";
import * as requests from "./requests.js";
import * as sandboxes from "./sandboxes.js";
import * as state from "./state.js";
import { switcherView } from "./switcher.js";

const VIEWS = { requests, state, operations, faults, clock, sandboxes };
const NAMES = Object.keys(VIEWS);
const SETTLED = 150;
const NEAR = { block: "nearest", inline: "nearest" };

let current = "";
let shown = "";

const here = () => {
  const found = place();
  return found.view in VIEWS ? found : { view: "requests", parts: [], query: new URLSearchParams() };
};

// A view loads what its place shows. What stands behind the ? only filters what is loaded already,
// unless the view says otherwise.
function moved() {
  const at = here();
  if (current && current !== at.view) VIEWS[current].left?.();
  current = at.view;
  const stayed = shown === JSON.stringify([at.view, at.parts]);
  shown = JSON.stringify([at.view, at.parts]);
  if (!stayed) arrive(at);
  else if (VIEWS[current].followsQuery) VIEWS[current].arrived(at);
  changed();
}

function arrive(at) {
  document.title = `${VIEWS[current].title} – ${SANDBOX} – mockserver`;
  for (const name of NAMES) if (name !== current) VIEWS[name].peek?.();
  VIEWS[current].arrived(at);
  afterDrawing(() => document.querySelector(".tabs [aria-current]").scrollIntoView(NEAR));
}

// Requests come in bursts: what they may have changed is read once they have settled.
let settling = 0;
function happened() {
  changed();
  if (settling) return;
  settling = setTimeout(() => {
    settling = 0;
    VIEWS[current].happened?.(here());
  }, SETTLED);
}

const badgeView = (text) => (text ? html`<span class="badge">${text}</span>` : nothing);

function barView(at) {
  return html`<header class="bar">
    <a class="brand" href="#/requests">mockserver</a>
    ${switcherView()}
    <nav aria-label="Views"><ul class="tabs">
      ${NAMES.map((name, index) => html`<li><a href=${address(name)} title="${VIEWS[name].title} (${index + 1})"
        aria-current=${name === at.view ? "page" : nothing}>${VIEWS[name].title}${badgeView(VIEWS[name].badge?.())}</a></li>`)}
    </ul></nav>
    <span class="grow"></span>
    <span class="live" data-live=${feed.state} role="status">${feed.told}</span>
    <button class="quiet" @click=${openHelp} aria-label="Keys" title="Keys (?)">?</button>
    ${document.body.hasAttribute("data-locked") ? html`<form method="post" action="logout">
      <button class="quiet">Log out</button></form>` : nothing}
  </header>`;
}

function draw() {
  const at = here();
  render(html`
    <button class="skip" @click=${() => document.getElementById("main").focus()}>Skip to the view</button>
    ${barView(at)}
    <main id="main" tabindex="-1" data-view=${at.view}>
      <h1 class="unseen">${VIEWS[at.view].title}</h1>${VIEWS[at.view].view(at)}</main>
    ${noticesView()}${helpView()}`, document.getElementById("page"));
}

drawWith(draw);
addEventListener("hashchange", moved);
addEventListener("pointerdown", closeMenus);
addEventListener("keydown", (event) => press(event, NAMES));
follow(happened);
moved();
