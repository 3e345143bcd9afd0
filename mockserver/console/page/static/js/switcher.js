// Which sandbox the page shows, and the way to another one: each has an address of its own.

import { get, SANDBOX } from "./api.js";
import { changed } from "./drawing.js";
import { html, repeat } from "./lit.js";
import { attempt } from "./notices.js";

let names = [];

async function opened(event) {
  if (!event.target.open) return;
  await attempt(async () => {
    names = (await get("sandboxes?limit=100")).sandboxes.map((each) => each.name);
    changed();
  });
}

export function addressOf(sandbox) {
  const root = location.pathname.replace(/(\/@[^/]*)?\/__mock__\/.*$/, "");
  const prefix = sandbox === "default" ? "" : `/@${encodeURIComponent(sandbox)}`;
  return `${root}${prefix}/__mock__/${location.hash}`;
}

// A sandbox begins with the first request to it, so any name will do.
function begin(event) {
  event.preventDefault();
  const name = event.target.elements.sandbox.value.trim();
  if (name) location.assign(addressOf(name));
}

export function switcherView() {
  return html`<details class="menu sandbox" @toggle=${opened}>
    <summary title="The sandbox that this page shows"><span class="at">@</span>${SANDBOX}</summary>
    <div class="sheet">
      <form class="line" @submit=${begin}>
        <input name="sandbox" required pattern="[A-Za-z0-9._\\-]{1,64}" placeholder="another sandbox"
          aria-label="Name of a sandbox" title="1 to 64 letters, digits, dots, underscores or hyphens">
        <button class="primary">Go</button>
      </form>
      <ul class="plainlist">${repeat(names, (each) => each, (each) => html`
        <li><a class="row" href=${addressOf(each)}>${each}</a></li>`)}</ul>
    </div>
  </details>`;
}
