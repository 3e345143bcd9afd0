// State: collections, their records, one record, and the history that they have.

import { get, post } from "./api.js";
import { editorView, leaveEditor } from "./editor.js";
import { historyView, revisionView } from "./history.js";
import { kept, loadCollections, loadHistory, loadRecord, loadRecords, then } from "./kept.js";
import { html, nothing, repeat } from "./lit.js";
import { attempt, tell } from "./notices.js";
import { address, place } from "./place.js";
import { recordsView } from "./records.js";
import { snapshotsView } from "./snapshots.js";

export const title = "State";

// The revision that is looked at stands behind the ?.
export const followsQuery = true;

const LOOKS = 2000;
let watching = 0;

// Loads what the place shows; what is already there stays until the answers come.
export async function arrived(here) {
  const [api, collection, key] = here.parts;
  const revision = then(here);
  watching ||= setInterval(look, LOOKS);
  await attempt(async () => {
    const wanted = [loadCollections(revision), loadHistory()];
    if (collection) wanted.push(loadRecords(api, collection, revision));
    if (key) wanted.push(loadRecord(api, collection, key, revision));
    else kept.record = null;
    await Promise.all(wanted);
  });
}

export function left() {
  clearInterval(watching);
  watching = 0;
  leaveEditor();
}

// Resets and edits by the control API are no requests of any API: nothing tells that they came.
async function look() {
  if (document.hidden || kept.head === null) return;
  try {
    const { head } = await get("revisions?limit=1");
    if (head !== kept.head) await arrived(place());
  } catch {
    // The bar tells when the server is gone.
  }
}

// Something happened in the sandbox; what is being edited stays as it is written.
export const happened = arrived;

export async function undo() {
  await attempt(async () => {
    const { undone } = await post("undo");
    tell(`Revision ${undone} is undone.`);
    await arrived(place());
  });
}

async function reset() {
  await attempt(async () => {
    await post("reset");
    tell("The sandbox is as it was at the start.", undo);
    await arrived(place());
  });
}

export function view(here) {
  const [api, collection, key] = here.parts;
  const inside = collection ? (key || here.query.has("new") ? "record" : "records") : "collections";
  return html`
    <div class="tools">
      ${historyView(here)}
      <span class="grow"></span>
      <details class="menu">
        <summary>Snapshots <span class="count">${kept.snapshots.length}</span></summary>
        <div class="sheet">${snapshotsView()}</div>
      </details>
      <a class="button" href="export" download="fixtures.zip"
        title="What is true now, in the layout of --fixtures">Export</a>
      <button @click=${reset} title="Return the sandbox to its seed">Reset</button>
    </div>
    <div class="panes three" data-inside=${inside}>
      <nav class="pane side" aria-label="Collections">${collectionsView(here)}</nav>
      <section class="pane" aria-label="Records">
        ${collection ? recordsView(here) : revisionView(here)}</section>
      ${inside === "record"
        ? html`<section class="pane detail" aria-label="Record">${editorView(here)}</section>`
        : nothing}
    </div>`;
}

function collectionsView(here) {
  const groups = Map.groupBy
    ? Map.groupBy(kept.collections, (each) => each.api)
    : grouped(kept.collections);
  if (!groups.size) return html`<p class="empty">Nothing is kept by what is served.</p>`;
  return [...groups].map(([api, collections]) => html`
    <h2>${api}</h2>
    <ul class="plainlist" data-roving>
      ${repeat(collections, (each) => each.collection, (each) => collectionView(here, each))}
    </ul>`);
}

function collectionView(here, { api, collection, records }) {
  const current = here.parts[0] === api && here.parts[1] === collection;
  const revision = then(here);
  return html`<li><a class="row" href=${address("state", [api, collection], { revision })}
    aria-current=${current ? "true" : nothing}>
    <span class="name">${collection}</span><span class="count">${records}</span></a></li>`;
}

function grouped(collections) {
  const groups = new Map();
  for (const each of collections) groups.set(each.api, [...(groups.get(each.api) ?? []), each]);
  return groups;
}
