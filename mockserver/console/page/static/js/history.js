// The history of the sandbox: a slider over its revisions, and what each of them changed.

import { get, path, post } from "./api.js";
import { changed } from "./drawing.js";
import { kept, then } from "./kept.js";
import { html, live, nothing, repeat } from "./lit.js";
import { attempt, tell } from "./notices.js";
import { address, become, place } from "./place.js";
import { instant } from "./times.js";
import { arrived, undo } from "./state.js";

const revisionsInFull = new Map();

const oldest = () => {
  const first = kept.revisions.at(-1)?.revision ?? kept.head;
  return first === 1 || !kept.revisions.length ? Math.max(0, first - 1) : first;
};

// The newest revision is what is true now, which the address does not name.
function look(revision) {
  const here = place();
  const named = Number(revision) === kept.head ? null : revision;
  become("state", here.query.has("new") ? here.parts.slice(0, 2) : here.parts, { revision: named });
}

async function restore(revision) {
  await attempt(async () => {
    await post(path(["revisions", String(revision), "restore"]));
    tell(`The state is that of revision ${revision}.`, undo);
    const here = place();
    become("state", here.parts, {});
    await arrived(place());
  });
}

export function historyView(here) {
  if (kept.head === null) return nothing;
  const at = Number(then(here) ?? kept.head);
  const past = at !== kept.head;
  const least = oldest();
  return html`<div class="history" ?data-past=${past}>
    <label for="revision">Revision</label>
    <button class="icon" aria-label="One revision back" ?disabled=${at <= least}
      @click=${() => look(at - 1)}>‹</button>
    <input id="revision" type="range" min=${least} max=${kept.head} .value=${live(String(at))}
      ?disabled=${least === kept.head} @input=${(event) => look(event.target.value)}
      aria-valuetext=${past ? `${at} of ${kept.head}` : `${at}, now`}>
    <button class="icon" aria-label="One revision on" ?disabled=${!past}
      @click=${() => look(at + 1)}>›</button>
    <output class="mono">${at}<span class="dim"> / ${kept.head}</span></output>
    ${past ? html`
      <button @click=${() => look(kept.head)}>Now</button>
      <button class="primary" @click=${() => restore(at)}>Restore ${at}</button>`
    : html`<button @click=${undo} ?disabled=${kept.head === 0}
      title="Take the last revision back">Undo</button>`}
  </div>`;
}

function inFull(revision) {
  const known = revisionsInFull.get(revision);
  if (known !== undefined) return known;
  revisionsInFull.set(revision, null);
  attempt(async () => {
    revisionsInFull.set(revision, await get(path(["revisions", String(revision)])));
    changed();
  });
  return null;
}

// What changed, newest first; the one that the slider is at is open.
export function revisionView(here) {
  const at = then(here);
  if (!kept.revisions.length) {
    return html`<p class="empty">Nothing has changed since the start. Choose a collection, or send
      a request that writes.</p>`;
  }
  return html`<header class="head"><h2>History</h2></header>
    <ol class="revisions" data-roving>
    ${repeat(kept.revisions, (each) => each.revision, (each) => entryView(each, Number(at)))}</ol>`;
}

function entryView(entry, at) {
  const open = entry.revision === at;
  const to = address("state", [], { revision: open ? null : entry.revision });
  return html`<li>
    <a class="row" href=${to} aria-expanded=${open} aria-current=${open ? "true" : nothing}>
      <span class="mono number">${entry.revision}</span>
      <span class="name">${entry.cause}</span>
      <span class="dim">${summary(entry)}</span>
      <time class="dim mono" datetime=${entry.at}>${instant(entry.at)}</time></a>
    ${open ? fullView(inFull(entry.revision)) : nothing}</li>`;
}

// Collections with a # in their name are what handlers note for themselves.
const told = (changes) => changes.filter((each) => !each.collection.includes("#"));

function summary({ changes, repeats }) {
  if (repeats !== null) return `the state of ${repeats}`;
  const [first, ...more] = told(changes);
  if (!first) return "";
  return `${first.kind} ${first.collection}${more.length ? ` and ${more.length} more` : ""}`;
}

function fullView(entry) {
  if (!entry) return nothing;
  return html`<div class="changes">${told(entry.changes).map((each) => html`
    <p><span class="mark ${each.kind}">${each.kind}</span>
      <a class="mono" href=${address("state", [each.api, each.collection, each.key || "-"],
        { revision: entry.revision === kept.head ? null : entry.revision })}
        >${each.collection}/${each.key || "-"}</a></p>
    ${differencesView(each.before, each.after)}`)}</div>`;
}

const MOST = 40;

function* differences(before, after, at) {
  const objects = [before, after].every((each) => each !== null && typeof each === "object");
  if (!objects || Array.isArray(before) !== Array.isArray(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield [at, before, after];
    return;
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* differences(before[name], after[name], at ? `${at}.${name}` : name);
  }
}

function differencesView(before, after) {
  if (before === null || after === null) return nothing;
  const found = [...differences(before, after, "")].slice(0, MOST);
  return html`<dl class="differences">${found.map(([name, was, is]) => html`
    <dt class="mono">${name}</dt>
    <dd><del>${text(was)}</del> <ins>${text(is)}</ins></dd>`)}</dl>`;
}

const text = (value) => (value === undefined ? "nothing" : JSON.stringify(value));
