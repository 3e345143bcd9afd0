// Schemas as a tree of members, opened as far as somebody wants to see.

import { changed } from "./drawing.js";
import { html, nothing } from "./lit.js";
import { proseView } from "./prose.js";

const opened = new Set();
const MOST_REFERENCES = 20;
const DEEPEST = 8;

// What a reference within the document leads to; anything else itself.
export function resolved(document, value) {
  let found = value;
  for (let count = 0; typeof found?.$ref === "string" && count < MOST_REFERENCES; count += 1) {
    found = found.$ref.slice(2).split("/").reduce(
      (at, step) => at?.[decodeURIComponent(step).replace(/~1/g, "/").replace(/~0/g, "~")], document);
  }
  return found ?? {};
}

// A schema with its allOf merged into it, one level deep; of alternatives the first.
export function merged(document, schema, depth = 0) {
  const own = resolved(document, schema);
  if (depth === DEEPEST) return own;
  const parts = [...(own.allOf ?? []), ...[own.oneOf ?? own.anyOf ?? []].flat().slice(0, own.properties ? 0 : 1)];
  return parts.map((each) => merged(document, each, depth + 1)).reduce((made, part) => ({
    ...part, ...made,
    properties: { ...part.properties, ...made.properties },
    required: [...(part.required ?? []), ...(made.required ?? [])],
  }), own);
}

export const typeOf = (schema) => [schema.type].flat().find((each) => each && each !== "null")
  ?? (schema.properties ? "object" : schema.items ? "array" : "");

export function schemaView(document, schema, place) {
  const own = merged(document, schema);
  if (typeOf(own) === "array") {
    return html`<p class="dim">a list of</p>${schemaView(document, own.items ?? {}, `${place}[]`)}`;
  }
  const members = Object.entries(own.properties ?? {});
  if (!members.length) return html`<p>${brief(own)}</p>`;
  const required = new Set(own.required);
  return html`<div class="schema">${members.map(([name, member]) =>
    memberView(document, name, member, required.has(name), `${place}/${name}`))}</div>`;
}

function memberView(document, name, schema, required, place) {
  const own = merged(document, schema);
  const inner = typeOf(own) === "array" ? merged(document, own.items ?? {}) : own;
  const line = html`<span class="mono">${name}</span>${required
    ? html`<span class="star" title="required">*</span>` : nothing}
    <span class="dim">${typeOf(own) === "array" ? "list of " : ""}${brief(inner)}</span>
    ${proseView(own.description)}`;
  if (!Object.keys(inner.properties ?? {}).length) return html`<div class="member">${line}</div>`;
  const toggle = (event) => {
    event.stopPropagation();
    if (event.currentTarget.open) opened.add(place);
    else opened.delete(place);
    changed();
  };
  return html`<details class="member" ?open=${opened.has(place)} @toggle=${toggle}>
    <summary>${line}</summary>
    ${opened.has(place) ? schemaView(document, inner, place) : nothing}</details>`;
}

function brief(schema) {
  const bounds = [
    schema.format, schema.enum && schema.enum.map((each) => JSON.stringify(each)).join(" | "),
    schema.pattern && `pattern ${schema.pattern}`,
    bound(schema.minimum, schema.maximum, ""), bound(schema.minLength, schema.maxLength, " characters"),
    schema.nullable && "or null", schema.readOnly && "read only",
  ].filter(Boolean);
  return [typeOf(schema) || "anything", ...bounds].join(", ");
}

function bound(least, most, unit) {
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return `at least ${least}${unit}`;
  return least === undefined ? `at most ${most}${unit}` : `${least} to ${most}${unit}`;
}
