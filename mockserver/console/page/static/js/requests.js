// Requests as they arrive: filters, and the one that is open beside them.

import { call } from "./api.js";
import { exchangeView, loadExchange } from "./exchange.js";
import { catchUp, feed, forget, MOST, pause } from "./feed.js";
import { html, live, nothing } from "./lit.js";
import { attempt } from "./notices.js";
import { address, become } from "./place.js";
import { instant, milliseconds } from "./times.js";
import { bodyOf } from "./windowed.js";

export const title = "Requests";

const FILTERS = ["method", "status", "operation", "text"];

export async function arrived(here) {
  const [id] = here.parts;
  await Promise.all([
    feed.rows.length < MOST ? catchUp() : null,
    id ? attempt(() => loadExchange(id)) : null,
  ]);
}

async function clear() {
  await attempt(async () => {
    await call("DELETE", "requests");
    forget();
  });
}

const asked = (here) => Object.fromEntries(FILTERS.map((name) => [name, here.query.get(name) ?? ""]));

function fits(row, { method, status, operation, text }) {
  if (method && row.method !== method) return false;
  if (status && statusClass(row) !== status && !(status === "broken" && row.violations)) return false;
  if (operation && (row.operation ?? "") !== operation) return false;
  if (!text) return true;
  const told = `${row.method} ${row.path}?${row.query} ${row.operation} ${row.status} ${row.reason}`;
  return told.toLowerCase().includes(text.toLowerCase());
}

const statusClass = (row) => (row.status ? `${Math.floor(row.status / 100)}xx` : "none");

export function view(here) {
  const filter = asked(here);
  const rows = feed.rows.filter((each) => fits(each, filter));
  const open = here.parts[0];
  return html`
    <div class="tools">${filtersView(here, filter)}
      <span class="dim count" role="status">${countOf(rows)}</span>
      <span class="grow"></span>
      <button data-key="p" aria-pressed=${feed.paused} title="p" @click=${() => pause(!feed.paused)}>
        ${feed.paused ? `Resume${feed.held.length ? ` (${feed.held.length} new)` : ""}` : "Pause"}</button>
      <a class="button" href="requests/har" download="requests.har" title="All of them as HAR 1.2">HAR</a>
      <button @click=${clear}>Clear</button>
    </div>
    <div class="panes two" data-inside=${open ? "record" : "records"}>
      <section class="pane" aria-label="Requests">
        ${rows.length ? tableView(rows, open, filter) : emptyView(filter)}</section>
      ${open ? html`<section class="pane detail" aria-label="Request ${open}">
        ${exchangeView(open, address("requests", [], filter))}</section>` : nothing}
    </div>`;
}

function countOf(rows) {
  const all = feed.rows.length;
  const missed = feed.missed ? `, ${feed.missed} left out` : "";
  return rows.length === all ? `${all}${missed}` : `${rows.length} of ${all}${missed}`;
}

function filtersView(here, filter) {
  const set = (name) => (event) => become("requests", here.parts, { ...filter, [name]: event.target.value });
  const values = (name) => [...new Set(feed.rows.map((each) => each[name]).filter(Boolean))].sort();
  return html`
    <input type="search" data-search placeholder="Filter  /" aria-label="Filter by text"
      .value=${live(filter.text)} @input=${set("text")}>
    ${choiceView("method", filter.method, values("method"), set("method"))}
    ${choiceView("status", filter.status, ["2xx", "3xx", "4xx", "5xx", "broken"], set("status"))}
    ${choiceView("operation", filter.operation, values("operation"), set("operation"))}`;
}

function choiceView(name, chosen, values, set) {
  const all = chosen && !values.includes(chosen) ? [chosen, ...values] : values;
  return html`<select aria-label="Filter by ${name}" @change=${set} ?data-set=${!!chosen}>
    <option value="" .selected=${live(!chosen)}>any ${name}</option>
    ${all.map((each) => html`<option value=${each} .selected=${live(each === chosen)}>${each}</option>`)}
  </select>`;
}

function emptyView(filter) {
  if (Object.values(filter).some(Boolean)) return html`<p class="empty">No request is like that.</p>`;
  const base = location.href.replace(/\/__mock__\/.*$/, "");
  return html`<div class="empty"><p>No requests yet. They appear here as they arrive at</p>
    <p><code>${base}</code></p></div>`;
}

function tableView(rows, open, filter) {
  return html`<table class="requests" aria-rowcount=${rows.length + 1}>
    <thead><tr><th scope="col">time</th><th scope="col">method</th><th scope="col">path</th>
      <th scope="col">operation</th><th scope="col">status</th><th scope="col" class="end">took</th>
      <th scope="col"><span class="unseen">violations</span></th></tr></thead>
    ${bodyOf("requests", rows, (each) => each.id,
      (each, index) => rowView(each, index, String(each.id) === open, filter))}</table>`;
}

function rowView(row, index, open, filter) {
  const current = open ? "true" : nothing;
  return html`<tr aria-rowindex=${index} aria-current=${current} data-status=${statusClass(row)}>
    <td class="dim mono time">${instant(row.at)}</td>
    <td class="mono method">${row.method}</td>
    <td class="mono path"><a class="whole" href=${address("requests", [String(row.id)], filter)}
      aria-current=${current} title=${row.reason || nothing}>${row.path}${row.query
        ? html`<span class="dim">?${row.query}</span>` : nothing}</a></td>
    <td class="operation">${row.operation ?? html`<span class="dim">none</span>`}</td>
    <td class="mono"><span class="status">${row.status || "dropped"}</span></td>
    <td class="mono end dim">${milliseconds(row.milliseconds)}</td>
    <td>${row.violations ? html`<span class="badge wrong">${row.violations}</span>` : nothing}</td></tr>`;
}
