// The records of one collection, as they are or as they were.

import { changed } from "./drawing.js";
import { kept, loadRecords, then } from "./kept.js";
import { html, live, nothing } from "./lit.js";
import { attempt } from "./notices.js";
import { address } from "./place.js";
import { bodyOf } from "./windowed.js";

const MOST_COLUMNS = 4;
const TELLING = /name|title|status|state|type|kind|email|text|label|date|created/i;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

let sought = "";
const texts = new WeakMap();

// Whether a record, its key or a member somewhere in it, holds what is looked for.
function holds(record) {
  if (!texts.has(record)) texts.set(record, JSON.stringify(record).toLowerCase());
  return texts.get(record).includes(sought.toLowerCase());
}

function seek(event) {
  sought = event.target.value;
  changed();
}

export function recordsView(here) {
  const [api, collection] = here.parts;
  const page = kept.page;
  if (page?.api !== api || page.collection !== collection) return nothing;
  const columns = columnsOf(page.records);
  const revision = then(here);
  const records = sought ? page.records.filter(holds) : page.records;
  return html`
    <header class="head">
      <a class="back" href=${address("state", [], { revision })}>All</a>
      <h2>${collection} <span class="count">${page.total}</span></h2>
      <span class="grow"></span>
      <input type="search" class="seek" data-search placeholder="Filter  /" aria-label="Filter the records shown"
        .value=${live(sought)} @input=${seek}>
      ${revision ? nothing : html`
        <a class="button" href=${address("state", [api, collection], { new: "1" })}>Add</a>`}
    </header>
    ${records.length ? tableView(here, records, columns)
      : html`<p class="empty">${page.records.length ? `None of the ${page.records.length} shown is like that.`
        : revision ? "No records then." : "No records yet."}</p>`}
    ${page.next === undefined ? nothing : html`
      <button class="more" @click=${() => more(api, collection, revision)}>
        Show more of ${page.total}</button>`}`;
}

function more(api, collection, revision) {
  return attempt(() => loadRecords(api, collection, revision, kept.page.next));
}

function tableView(here, records, columns) {
  return html`<table class="records" aria-rowcount=${records.length + 1}>
    <thead><tr><th scope="col">key</th>
      ${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    ${bodyOf("records", records, (each) => each.key,
      (each, index) => rowView(here, each, index, columns))}</table>`;
}

function rowView(here, record, index, columns) {
  const [api, collection, open] = here.parts;
  const to = address("state", [api, collection, record.key], { revision: then(here) });
  const current = open === record.key ? "true" : nothing;
  return html`<tr aria-rowindex=${index} aria-current=${current}>
    <td class="mono"><a class="whole" href=${to} aria-current=${current}>${record.key}</a></td>
    ${columns.map((name) => html`<td>${brief(record.value?.[name])}</td>`)}</tr>`;
}

// The members that tell records apart at a glance: short ones, those with telling names first.
function columnsOf(records) {
  const merits = new Map();
  for (const { key, value } of records.slice(0, 20)) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) continue;
    for (const [index, [name, member]] of Object.entries(value).entries()) {
      if (!isShort(member) || String(member) === key) continue;
      const merit = (TELLING.test(name) ? 100 : 0) - (UUID.test(member) ? 200 : 0) - index;
      merits.set(name, Math.max(merit, merits.get(name) ?? -Infinity));
    }
  }
  const best = [...merits].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  return best.slice(0, MOST_COLUMNS);
}

const isShort = (member) =>
  ["string", "number", "boolean"].includes(typeof member) && String(member).length < 120;

const brief = (member) => {
  if (member === undefined) return "";
  if (member !== null && typeof member === "object") return Array.isArray(member) ? "[…]" : "{…}";
  return String(member);
};
