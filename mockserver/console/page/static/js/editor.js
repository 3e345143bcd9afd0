// One record: a form of its simple members, and always its JSON, both of the same draft.

import { path, post, put, remove } from "./api.js";
import { changed } from "./drawing.js";
import { fieldsView, fieldsOf } from "./fields.js";
import { jsonView } from "./json.js";
import { position } from "./jsontext.js";
import { kept, shapeOf, then } from "./kept.js";
import { html, live, nothing } from "./lit.js";
import { complain, tell } from "./notices.js";
import { address, become, go, place } from "./place.js";
import { arrived } from "./state.js";

// `of` is what the draft was made from; `text` is the JSON that is being written. What was not
// saved is still there when somebody comes back.
let draft = null;
let mode = "form";
const unsaved = new Map();

export const edited = () => draft !== null && draft.text !== draft.original;

export function leaveEditor() {
  if (draft !== null && edited() && !draft.isNew) unsaved.set(draft.name, draft);
  draft = null;
}

// The draft of what the place shows, made anew when that is another record or another version.
function draftOf(here) {
  const [api, collection, key] = here.parts;
  const record = kept.record;
  const isNew = here.query.has("new");
  const fits = record !== null && record.key === key && record.api === api && record.collection === collection;
  if (isNew ? !shapeOf(api, collection) : !fits || record.missing) return null;
  const name = JSON.stringify([api, collection, isNew ? null : key]);
  if (draft?.name !== name) {
    leaveEditor();
    draft = unsaved.get(name) ?? null;
    unsaved.delete(name);
  }
  if (draft && (isNew || draft.of === record || edited())) return draft;
  const original = isNew ? null : JSON.stringify(record.value, null, 2);
  draft = { name, of: record, isNew, original, text: original ?? "{}", errors: [], key: key ?? "" };
  if (isNew) begin(api, collection);
  return draft;
}

function begin(api, collection) {
  const shape = shapeOf(api, collection);
  draft.key = shape.single ? "-" : crypto.randomUUID?.() ?? String(Date.now());
  const members = shape.members.filter((each) =>
    each.name === shape.key || (each.required && !each.schema.readOnly));
  const value = Object.fromEntries(members.map((each) => [each.name, emptyOf(each.schema)]));
  if (shape.key in value) value[shape.key] = keyAs(shape, draft.key);
  draft.text = draft.original = JSON.stringify(value, null, 2);
}

const typeOf = (schema) => [schema.type].flat().find((each) => each !== "null");

function emptyOf(schema) {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum?.length) return schema.enum[0];
  const empty = { string: "", integer: 0, number: 0, boolean: false, array: [], object: {} };
  return empty[typeOf(schema)] ?? null;
}

// The key as the member that holds it has it: the text 7 may be the number.
function keyAs(shape, key) {
  const member = shape.members.find((each) => each.name === shape.key);
  const numeric = ["integer", "number"].includes(typeOf(member?.schema ?? {}));
  return numeric && key.trim() !== "" && Number.isFinite(Number(key)) ? Number(key) : key;
}

function parsed() {
  try {
    return [JSON.parse(draft.text), null];
  } catch (error) {
    return [undefined, error.message];
  }
}

function write(text) {
  draft.text = text;
  draft.errors = [];
  changed();
}

function rename(key, shape) {
  draft.key = key;
  const [value, wrong] = parsed();
  if (!wrong && value && shape.key in value) value[shape.key] = keyAs(shape, key);
  write(wrong ? draft.text : JSON.stringify(value, null, 2));
}

async function save() {
  const here = place();
  const [api, collection] = here.parts;
  const [value, wrong] = parsed();
  if (wrong) return complain(new Error(wrong));
  const writing = draft;
  try {
    const saved = await put(path(["state", api, collection, writing.key || "-"]), value);
    if (draft === writing) draft = null;
    tell(writing.isNew ? "Added." : "Saved.", undo);
    kept.record = { api, collection, ...saved };
    if (writing.isNew) return become("state", [api, collection, saved.key]);
    await arrived(here);
  } catch (error) {
    writing.errors = error.errors ?? [];
    if (!writing.errors.length) complain(error);
    changed();
  }
}

async function drop() {
  const [api, collection, key] = place().parts;
  try {
    await remove(path(["state", api, collection, key]));
    draft = null;
    tell("Deleted.", undo);
    go("state", [api, collection]);
  } catch (error) {
    complain(error);
  }
}

async function undo() {
  try {
    await post("undo");
    await arrived(place());
  } catch (error) {
    complain(error);
  }
}

function keys(event) {
  const wanted = (event.ctrlKey || event.metaKey) && ["s", "Enter"].includes(event.key);
  if (!wanted) return;
  event.preventDefault();
  save();
}

export function editorView(here) {
  const [api, collection, key] = here.parts;
  const made = draftOf(here);
  if (!made) return missingView(here);
  const past = then(here) !== null;
  const back = address("state", [api, collection], { revision: then(here) });
  return html`
    <header class="head">
      <a class="back" href=${back}>${collection}</a>
      <h2 class="mono clip">${made.isNew ? "new record" : key}</h2>
      <span class="grow"></span>
      <a class="close" href=${back} aria-label="Close the record" title="Close (Esc)">×</a>
    </header>
    ${past ? jsonView(kept.record.value) : writingView(api, collection, made)}`;
}

// Nothing while the record is on its way.
function missingView(here) {
  const [api, collection, key] = here.parts;
  if (!key || kept.record?.key !== key || !kept.record.missing) return nothing;
  const back = address("state", [api, collection], { revision: then(here) });
  return html`<header class="head"><a class="back" href=${back}>${collection}</a>
      <h2 class="mono clip">${key}</h2><span class="grow"></span>
      <a class="close" href=${back} aria-label="Close the record" title="Close (Esc)">×</a></header>
    <p class="empty">${kept.record.missing}</p>`;
}

function writingView(api, collection, made) {
  const shape = shapeOf(api, collection);
  const [value, wrong] = parsed();
  const fields = shape && !wrong ? fieldsOf(shape, value) : [];
  const shown = wrong || !fields.length ? "json" : mode;
  return html`<form class="editor" @keydown=${keys}
      @submit=${(event) => { event.preventDefault(); save(); }}>
    <div class="tools inner">
      <div class="switch" role="group" aria-label="How the record is shown">
        ${["form", "json"].map((each) => html`<button type="button"
          aria-pressed=${shown === each} ?disabled=${each === "form" && !fields.length}
          @click=${() => { mode = each; changed(); }}>${each === "form" ? "Form" : "JSON"}</button>`)}
      </div>
      <span class="grow"></span>
      ${made.isNew ? nothing : html`<button type="button" class="danger" @click=${drop}>Delete</button>`}
      <button type="button" ?disabled=${!edited()} @click=${() => write(made.original)}>Revert</button>
      <button type="submit" class="primary" ?disabled=${!made.isNew && !edited()}
        title="Ctrl+S">${made.isNew ? "Add" : "Save"}</button>
    </div>
    ${made.isNew && !shape?.single ? html`<label class="field"><span>key</span>
      <input class="mono" .value=${live(made.key)} @input=${(e) => rename(e.target.value, shape)}>
      </label>` : nothing}
    ${errorsView(made, fields, shown)}
    ${shown === "form"
      ? fieldsView(fields, value, made.errors, (next) => write(JSON.stringify(next, null, 2)))
      : html`<textarea class="mono" spellcheck="false" aria-label="The record as JSON"
          aria-invalid=${wrong || made.errors.length ? "true" : nothing}
          .value=${live(made.text)} @input=${(event) => write(event.target.value)}></textarea>`}
    ${wrong ? html`<p class="wrong" role="alert">${wrong}</p>` : nothing}
  </form>`;
}

// What is wrong, unless it stands at its field already; in JSON a press leads to the place.
function errorsView(made, fields, shown) {
  const names = new Set(fields.map((each) => `/${each.pointerName}`));
  const told = shown === "json" ? made.errors : made.errors.filter((each) => !names.has(each.pointer));
  if (!told.length) return nothing;
  return html`<ul class="errors" role="alert">
    ${told.map((each) => html`<li><button type="button" class="quiet mono" @click=${() => lead(each.pointer)}>
      ${each.pointer || "the record"}</button> ${said(each)}</li>`)}
  </ul>`;
}

export const said = ({ expected, received }) =>
  `expected ${expected}${received ? `, received ${received}` : ""}`;

function lead(pointer) {
  mode = "json";
  changed();
  requestAnimationFrame(() => {
    const area = document.querySelector(".editor textarea");
    const [start, end] = position(draft.text, pointer) ?? [0, 0];
    area?.focus();
    area?.setSelectionRange(start, end);
  });
}
