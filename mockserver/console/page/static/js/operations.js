// Operations: what is described, who answers it, how often it was asked and how much of it.

import { get, path } from "./api.js";
import { changed } from "./drawing.js";
import { html, live, nothing, repeat } from "./lit.js";
import { attempt } from "./notices.js";
import { operationView } from "./operation.js";
import { address, become } from "./place.js";

export const title = "Operations";

const BY = { handled: "handled", inferred: "guessed", own: "own" };

let apis = [];
let operations = [];
let touched = new Map();
let totals = null;
const descriptions = new Map();

export async function arrived(here) {
  const [api] = here.parts;
  await attempt(async () => {
    const [told, all] = await Promise.all([get("apis"), get("operations"), loadCoverage()]);
    const base = new Map(told.map((each) => [each.api, each.basePath]));
    apis = told;
    operations = all.map((each) => ({ ...each, template: each.path.slice(base.get(each.api).length) }));
    if (api && !descriptions.has(api)) {
      descriptions.set(api, await get(path(["apis", api, "openapi.json"])));
    }
    changed();
  });
}

export async function happened() {
  await attempt(loadCoverage);
}

async function loadCoverage() {
  const coverage = await get("coverage?format=json");
  const rows = coverage.apis.flatMap((api) =>
    api.operations.map((each) => [`${api.api}/${each.operation}`, each]));
  touched = new Map(rows);
  totals = coverage.total;
  changed();
}

export function view(here) {
  const text = (here.query.get("text") ?? "").toLowerCase();
  const by = here.query.get("by") ?? "";
  const fits = (each) => (!by || each.by === by)
    && `${each.method} ${each.path} ${each.operation} ${each.summary}`.toLowerCase().includes(text);
  const found = operations.filter(fits);
  const [api, name] = here.parts;
  const open = operations.find((each) => each.api === api && each.operation === name);
  const asked = { text: here.query.get("text"), by };
  const set = (member) => (event) =>
    become("operations", here.parts, { ...asked, [member]: event.target.value });
  return html`
    <div class="tools">
      <input type="search" data-search placeholder="Filter  /" aria-label="Filter operations"
        .value=${live(here.query.get("text") ?? "")} @input=${set("text")}>
      <select aria-label="Filter by who answers" @change=${set("by")} ?data-set=${!!by}>
        <option value="">answered by any</option>
        ${Object.entries(BY).map(([value, label]) => html`<option value=${value}
          .selected=${live(value === by)}>${label}</option>`)}</select>
      <span class="dim count">${found.length}</span>
      <span class="grow"></span>
      ${totals ? html`<a class="button" href="coverage?format=html" target="_blank" rel="noopener"
        title="What the traffic of this sandbox touched">Coverage ${totals.percent} %</a>` : nothing}
    </div>
    <div class="panes two" data-inside=${open ? "record" : "records"}>
      <section class="pane" aria-label="Operations">
        ${apis.map((each) => groupView(each, found.filter((one) => one.api === each.api), open, asked))}
        ${found.length || !operations.length ? nothing : html`<p class="empty">No operation is like that.</p>`}
      </section>
      ${open ? html`<section class="pane detail" aria-label="Operation">
        ${operationView(open, descriptions.get(api), coverageOf(open), address("operations", [], asked))}
      </section>` : nothing}
    </div>`;
}

const coverageOf = ({ api, operation }) => touched.get(`${api}/${operation}`);

function groupView(api, found, open, asked) {
  if (!found.length) return nothing;
  return html`<div class="group"><h2>${api.title}</h2>
      <span class="dim mono">${api.basePath || "/"}</span>
      <a class="dim" href=${path(["apis", api.api, "openapi.json"])} target="_blank" rel="noopener">openapi.json</a></div>
    <table class="operations">
      <thead><tr><th scope="col">method</th><th scope="col">path</th><th scope="col">answers</th>
        <th scope="col" class="end">hits</th><th scope="col">covered</th></tr></thead>
      <tbody data-roving>${repeat(found, (each) => each.operation, (each) => rowView(each, each === open, asked))}</tbody>
    </table>`;
}

function rowView(operation, open, asked) {
  const current = open ? "true" : nothing;
  const covered = coverageOf(operation);
  const percent = covered?.totals.percent ?? 0;
  return html`<tr aria-current=${current}>
    <td class="mono method">${operation.feed ? "WS" : operation.method}</td>
    <td class="mono"><a class="whole" href=${address("operations", [operation.api, operation.operation], asked)}
      aria-current=${current} title=${operation.summary || operation.operation}>${operation.path}</a></td>
    <td title=${operation.why || operation.origin || nothing}>
      <span class="badge ${operation.by === "inferred" ? "plain" : "good"}">${BY[operation.by]}</span></td>
    <td class="mono end">${covered?.hits || html`<span class="dim">0</span>`}</td>
    <td><span class="meter" aria-hidden="true"><i .style=${`--part:${percent}`}></i></span>
      <span class="dim">${Math.round(percent)} %</span></td></tr>`;
}
