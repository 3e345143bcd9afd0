// Snapshots: what was true once, kept by name.

import { path, post, remove } from "./api.js";
import { kept, loadHistory } from "./kept.js";
import { html, repeat } from "./lit.js";
import { attempt, tell } from "./notices.js";
import { place } from "./place.js";
import { arrived, undo } from "./state.js";
import { sure } from "./sure.js";
import { instant } from "./times.js";

async function make(event) {
  event.preventDefault();
  const form = event.target;
  const name = form.elements.name.value.trim();
  await attempt(async () => {
    const made = await post("snapshots", name ? { name } : {});
    form.reset();
    tell(`Kept as ${made.name}.`);
    await loadHistory();
  });
}

async function restore(name) {
  await attempt(async () => {
    await post(path(["snapshots", name, "restore"]));
    tell(`The state is that of ${name}.`, undo);
    await arrived(place());
  });
}

async function drop(name) {
  await attempt(async () => {
    await remove(path(["snapshots", name]));
    await loadHistory();
  });
}

export function snapshotsView() {
  return html`
    <form class="line" @submit=${make}>
      <input name="name" placeholder="a name, or none" aria-label="Name of the snapshot"
        pattern="[A-Za-z0-9._\\-]{1,64}" title="1 to 64 letters, digits, dots, underscores or hyphens">
      <button class="primary">Keep this state</button>
    </form>
    ${kept.snapshots.length ? html`<ul class="plainlist">
      ${repeat(kept.snapshots, (each) => each.name, (each) => html`<li class="line">
        <span class="name mono">${each.name}</span>
        <span class="dim">revision ${each.revision}, ${instant(each.since)}</span>
        <span class="grow"></span>
        <button class="small" @click=${() => restore(each.name)}>Restore</button>
        ${sure(`snapshot ${each.name}`, "Delete", () => drop(each.name))}</li>`)}
    </ul>` : html`<p class="dim">None yet. A snapshot costs next to nothing, and outlives a reset.</p>`}`;
}
