// What is kept in the sandbox, as far as the page has loaded it.

import { get, path } from "./api.js";
import { changed } from "./drawing.js";
import { attempt } from "./notices.js";

const PAGE = 100;
const MOST = 1000;

export const kept = {
  collections: [],
  head: null,
  revisions: [],
  snapshots: [],
  shapes: new Map(),
  page: null,
  record: null,
};

// A past revision shows the state then; the newest one is what is true now.
export const then = (here) => here.query.get("revision");

// Of a collection that tells nothing, records are written as JSON.
const UNKNOWN = { key: "", single: false, members: [] };

const turns = new Map();

// What was asked for, or nothing when the same was asked again meanwhile: a slider asks often, and
// answers may come in another order.
async function newest(name, asked) {
  const turn = (turns.get(name) ?? 0) + 1;
  turns.set(name, turn);
  const found = await asked;
  return turns.get(name) === turn ? found : undefined;
}

export async function loadHistory() {
  const asked = Promise.all([get("revisions?limit=1000"), get("snapshots")]);
  const found = await newest("history", asked);
  if (!found) return;
  const [{ head, revisions }, snapshots] = found;
  Object.assign(kept, { head, revisions, snapshots });
  changed();
}

export async function loadCollections(revision) {
  const found = await newest("collections", get(path(["state"], { revision })));
  if (!found) return;
  kept.collections = found.collections;
  changed();
}

// The first records of a collection, or with `after` those that follow the ones that are there.
// `wanted` says how many: a reload that overtakes a call for more must bring those, too.
export async function loadRecords(api, collection, revision, after) {
  const same = kept.page?.api === api && kept.page.collection === collection;
  const shown = same ? kept.page.records : [];
  if (after !== undefined) kept.page.wanted = shown.length + PAGE;
  const wanted = (same && kept.page.wanted) || PAGE;
  const limit = after === undefined ? Math.min(MOST, Math.max(wanted, shown.length)) : PAGE;
  const found = await newest("records", get(path(["state", api, collection], { limit, after, revision })));
  if (!found) return;
  const before = after === undefined ? [] : shown;
  kept.page = { api, collection, wanted, ...found, records: [...before, ...found.records] };
  changed();
}

// A record that is not there, or was not there then, is told by its `missing`.
export async function loadRecord(api, collection, key, revision) {
  const asked = get(path(["state", api, collection, key], { revision })).catch((error) => {
    if (error.status !== 404) throw error;
    return { key, missing: error.message };
  });
  const found = await newest("record", asked);
  if (!found) return;
  kept.record = { api, collection, ...found };
  changed();
}

// What the records of a collection must be: their key, and the simple ones of their members.
export function shapeOf(api, collection) {
  const name = `${api}/${collection}`;
  if (!kept.shapes.has(name)) {
    kept.shapes.set(name, null);
    attempt(async () => {
      const told = await get(path(["shapes", api, collection])).catch(() => UNKNOWN);
      kept.shapes.set(name, told);
      changed();
    });
  }
  return kept.shapes.get(name);
}
