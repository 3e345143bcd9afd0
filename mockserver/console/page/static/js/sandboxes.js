// Sandboxes: isolated copies of the state, each with an address of its own.

import { get, path, post, remove, SANDBOX } from "./api.js";
import { changed } from "./drawing.js";
import { html, nothing, repeat } from "./lit.js";
import { attempt, tell } from "./notices.js";
import { sure } from "./sure.js";
import { addressOf } from "./switcher.js";

export const title = "Sandboxes";

const AT_ONCE = 500;
let found = { total: 0, sandboxes: [] };

export async function arrived() {
  await attempt(async () => {
    found = await get(`sandboxes?limit=${AT_ONCE}`);
    changed();
  });
}

export const happened = arrived;

// Another sandbox is reset below its own address.
async function reset(name) {
  await attempt(async () => {
    await post(`${addressOf(name).split("#")[0]}reset`);
    tell(`${name} is as it was at the start.`);
    await arrived();
  });
}

async function drop(name) {
  await attempt(async () => {
    await remove(path(["sandboxes", name]));
    await arrived();
  });
}

export function view() {
  return html`<div class="page">
    <p class="dim">A sandbox is a copy of the state that costs next to nothing. It begins with the first
      request below <code>/@NAME</code>, or with the header <code>X-Mock-Sandbox: NAME</code>.</p>
    <table class="sandboxes">
      <thead><tr><th scope="col">name</th><th scope="col" class="end">revision</th>
        <th scope="col" class="end">snapshots</th><th scope="col" class="end">idle</th>
        <th scope="col"><span class="unseen">actions</span></th></tr></thead>
      <tbody data-roving>${repeat(found.sandboxes, (each) => each.name, rowView)}</tbody>
    </table>
    ${found.total > found.sandboxes.length
      ? html`<p class="dim">${found.total - found.sandboxes.length} more.</p>` : nothing}
  </div>`;
}

function rowView({ name, revision, idle, snapshots }) {
  const here = name === SANDBOX;
  return html`<tr aria-current=${here ? "true" : nothing}>
    <td class="mono"><a class="whole" href=${addressOf(name)}>${name}</a>
      ${here ? html`<span class="dim"> shown here</span>` : nothing}</td>
    <td class="mono end">${revision}</td>
    <td class="mono end">${snapshots}</td>
    <td class="mono end dim">${idle === null ? "–" : span(idle)}</td>
    <td class="end"><button class="small" @click=${() => reset(name)}>Reset</button>
      ${name === "default" ? nothing : sure(`sandbox ${name}`, "Delete", () => drop(name))}</td></tr>`;
}

function span(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
