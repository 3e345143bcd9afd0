// JSON as people read it: a line for each member, with marks at the pointers (RFC 6901) that
// somebody has something to say of.

import { html } from "./lit.js";

const MOST_LINES = 3000;
const escaped = (name) => String(name).replace(/~/g, "~0").replace(/\//g, "~1");

function* lines(value, pointer, depth, name, comma) {
  const line = (open, kind, text) => ({ pointer, depth, name, open, kind, text });
  if (value === null || typeof value !== "object") {
    const kind = value === null ? "null" : typeof value;
    yield line("", kind, JSON.stringify(value) + comma);
    return;
  }
  const list = Array.isArray(value);
  const [first, last] = list ? "[]" : "{}";
  const members = Object.entries(value);
  if (!members.length) {
    yield line("", "mark", first + last + comma);
    return;
  }
  yield line(first, "mark", "");
  for (const [index, [key, member]] of members.entries()) {
    const more = index < members.length - 1 ? "," : "";
    yield* lines(member, `${pointer}/${escaped(key)}`, depth + 1, list ? undefined : key, more);
  }
  yield { pointer: null, depth, kind: "mark", text: last + comma, open: "" };
}

// The pointer of a value that is there: a missing member is shown at what it is missing from.
function standing(value, pointer) {
  let at = value;
  let found = "";
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replace(/~1/g, "/").replace(/~0/g, "~");
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, name)) break;
    at = at[name];
    found += `/${step}`;
  }
  return found;
}

// `marks` are [{pointer, text}].
export function jsonView(value, marks = []) {
  const said = new Map();
  for (const { pointer, text } of marks) {
    const at = standing(value, pointer);
    said.set(at, [...(said.get(at) ?? []), text]);
  }
  const shown = [];
  for (const line of lines(value, "", 0, undefined, "")) {
    if (shown.length === MOST_LINES) break;
    shown.push(lineView(line, said.get(line.pointer)));
  }
  const more = shown.length === MOST_LINES ? html`<p class="dim">The rest is left out.</p>` : "";
  return html`<div class="json" tabindex="0" role="group" aria-label="JSON">${shown}</div>${more}`;
}

function lineView({ depth, name, open, kind, text }, said) {
  const key = name === undefined ? "" : html`<span class="key">${JSON.stringify(name)}</span>: `;
  const told = said ? html`<em class="said">${said.join("; ")}</em>` : "";
  return html`<div class="line" ?data-marked=${!!said} .style=${`--depth:${depth}`}
    >${key}<span class=${kind}>${open}${text}</span>${told}</div>`;
}

// A body as it came: JSON pretty, all else as the text that it is.
export function bodyView(text, marks = []) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return html`<pre class="plain" tabindex="0">${text}</pre>`;
  }
  return jsonView(value, marks);
}
