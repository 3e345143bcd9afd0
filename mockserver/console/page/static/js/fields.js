// The simple members of a record as fields of a form.

import { html, live, nothing } from "./lit.js";

const SIMPLE = new Set(["string", "integer", "number", "boolean"]);
const LONG = 80;

const typeOf = (value) =>
  typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;

const escaped = (name) => name.replace(/~/g, "~0").replace(/\//g, "~1");

// A field for each member that is text, a number or true or false, by the schema or by its value.
export function fieldsOf(shape, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  const known = new Map(shape.members.map((each) => [each.name, each]));
  const names = new Set([...Object.keys(value), ...known.keys()]);
  return [...names].map((name) => fieldOf(shape, name, known.get(name), value[name])).filter(Boolean);
}

function fieldOf(shape, name, member, value) {
  const schema = member?.schema ?? {};
  const there = value !== undefined && value !== null;
  const kinds = [schema.type].flat().filter((each) => each && each !== "null");
  const type = there ? typeOf(value) : kinds[0];
  if (!SIMPLE.has(type)) return null;
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const nullable = schema.nullable || [schema.type].flat().includes("null");
  return {
    name, pointerName: escaped(name), schema, values, nullable,
    type: type === "integer" && kinds.includes("number") ? "number" : type,
    required: member?.required ?? false,
    isKey: name === shape.key,
  };
}

// `write` is called with the whole value, changed.
export function fieldsView(fields, value, errors, write) {
  const set = (field, next) => {
    const made = { ...value };
    if (next === undefined) delete made[field.name];
    else made[field.name] = next;
    write(made);
  };
  return html`<div class="fields">
    ${fields.map((each) => fieldView(each, value[each.name], errors, (next) => set(each, next)))}
    ${restView(fields, value)}
  </div>`;
}

function restView(fields, value) {
  const shown = new Set(fields.map((each) => each.name));
  const rest = Object.keys(value).filter((name) => !shown.has(name));
  if (!rest.length) return nothing;
  return html`<p class="dim">Also, as JSON: ${rest.join(", ")}</p>`;
}

function fieldView(field, value, errors, set) {
  const id = `field-${field.name}`;
  const wrong = errors.filter((each) => each.pointer === `/${field.pointerName}`);
  const text = field.schema.description ?? "";
  return html`<div class="field" ?data-absent=${value === undefined}>
    <label for=${id} title=${text || nothing}>${field.name}
      ${field.required ? html`<span class="star" title="required">*</span>` : nothing}
      <span class="kind">${field.schema.format ?? field.type}</span></label>
    ${inputView(field, id, value, wrong.length > 0, set)}
    ${wrong.map((each) => html`<p class="wrong" role="alert" id="${id}-wrong">
      expected ${each.expected}${each.received ? `, received ${each.received}` : ""}</p>`)}
  </div>`;
}

function inputView(field, id, value, wrong, set) {
  const described = wrong ? `${id}-wrong` : nothing;
  const invalid = wrong ? "true" : nothing;
  if (field.values || field.type === "boolean") {
    return selectView(field, id, value, set, described);
  }
  const shown = value === undefined || value === null ? "" : String(value);
  const empty = value === null ? "null" : value === undefined ? "not there" : "";
  const read = (event) => set(readAs(field, event.target.value));
  if (shown.length > LONG || shown.includes("\n")) {
    return html`<textarea id=${id} rows="3" aria-describedby=${described} aria-invalid=${invalid}
      .value=${live(shown)} ?readonly=${field.isKey} @input=${read}></textarea>`;
  }
  return html`<input id=${id} .value=${live(shown)} ?readonly=${field.isKey} placeholder=${empty}
    inputmode=${field.type === "string" ? "text" : "decimal"}
    aria-describedby=${described} aria-invalid=${invalid} @input=${read}>`;
}

function selectView(field, id, value, set, described) {
  const values = [...(field.values ?? [true, false])];
  if (field.nullable && !values.includes(null)) values.push(null);
  if (value !== undefined && !values.includes(value)) values.unshift(value);
  const choose = (event) => {
    const chosen = event.target.value;
    set(chosen === "" ? undefined : values[Number(chosen)]);
  };
  return html`<select id=${id} aria-describedby=${described} @change=${choose}>
    ${field.required && value !== undefined ? nothing
      : html`<option value="" .selected=${live(value === undefined)}>not there</option>`}
    ${values.map((each, index) => html`
      <option value=${index} .selected=${live(each === value)}>${String(each)}</option>`)}
  </select>`;
}

// What was typed as the type of the member; a number that is none yet stays as the text, which the
// schema then refuses at this field. An empty field that need not be there is taken out.
function readAs(field, text) {
  if (text === "" && !field.required) return field.type === "string" ? "" : undefined;
  if (field.type === "string") return text;
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}
