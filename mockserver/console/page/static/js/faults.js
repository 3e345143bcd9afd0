// Faults: rules by which answers are broken on purpose.

import { call, get, path, post, remove } from "./api.js";
import { changed } from "./drawing.js";
import { adding, KINDS, ruleForm } from "./faultform.js";
import { html, nothing, repeat } from "./lit.js";
import { attempt, tell } from "./notices.js";

export const title = "Faults";

let rules = [];
let operations = [];

export async function arrived() {
  await attempt(async () => {
    [rules, operations] = await Promise.all([get("faults"), get("operations")]);
    changed();
  });
}

export async function happened() {
  await attempt(async () => {
    rules = await get("faults");
    changed();
  });
}

// What the tab tells: rules in force are easily forgotten.
export const badge = () => rules.filter((each) => !each.spent).length || "";

export const peek = happened;

async function add(draft) {
  try {
    const made = await post("faults", draft);
    tell(`${made.id} is in force.`);
    adding.errors = [];
    await happened();
  } catch (error) {
    adding.errors = error.errors?.length ? error.errors : [{ pointer: "", expected: error.message }];
    changed();
  }
}

async function drop(id) {
  await attempt(async () => {
    await remove(path(["faults", id]));
    await happened();
  });
}

async function dropAll() {
  await attempt(async () => {
    await call("DELETE", "faults");
    await happened();
  });
}

export function view() {
  return html`<div class="page">
    <section class="card" aria-label="New fault">${ruleForm(operations, add)}</section>
    ${rules.length ? html`
      <div class="line"><h2>In force <span class="count">${rules.length}</span></h2>
        <span class="dim">tried in this order</span><span class="grow"></span>
        <button class="danger" @click=${dropAll}>Remove all</button></div>
      <table class="faults">
        <thead><tr><th scope="col">fault</th><th scope="col">strikes</th>
          <th scope="col" class="end">hits</th><th scope="col"><span class="unseen">actions</span></th></tr></thead>
        <tbody>${repeat(rules, (each) => each.id, rowView)}</tbody></table>`
    : html`<p class="empty">No rule is in force: every answer is as it should be.</p>`}
  </div>`;
}

function rowView(rule) {
  const { kind, ...told } = rule.fault;
  return html`<tr data-spent=${rule.spent || nothing}>
    <td class="wrap"><strong>${KINDS[kind]?.label ?? kind}</strong>
      <span class="dim mono">${Object.entries(told).map(([name, value]) => text(name, value)).join(", ")}</span></td>
    <td class="wrap">${where(rule)} <span class="dim">${often(rule)}</span></td>
    <td class="end mono">${rule.hits}<span class="dim"> of ${rule.seen}</span>
      ${rule.spent ? html` <span class="badge plain">spent</span>` : nothing}</td>
    <td class="end"><button class="small danger" aria-label="Remove ${rule.id}"
      @click=${() => drop(rule.id)}>Remove</button></td></tr>`;
}

const text = (name, value) =>
  typeof value === "string" ? value : `${name} ${JSON.stringify(value)}`;

function where({ api, operation, method, path: glob }) {
  const told = [method, glob, operation, api && !operation ? `all of ${api}` : ""].filter(Boolean);
  return told.length ? html`<span class="mono">${told.join(" ")}</span>` : "every request";
}

function often({ probability, count, skip, seed }) {
  return [
    probability < 1 ? `${Math.round(probability * 100)} %` : "",
    count === undefined ? "" : `${count} times`,
    skip ? `after ${skip}` : "",
    seed === undefined ? "" : `seed ${seed}`,
  ].filter(Boolean).join(", ");
}
