// One operation as its description tells it, and a form to try it.

import { html, nothing } from "./lit.js";
import { proseView } from "./prose.js";
import { resolved, schemaView } from "./schemas.js";
import { tryView } from "./trying.js";

const PARTS = {
  parameters: "parameters", parameterValues: "values", requestTypes: "request types",
  requestProperties: "request members", statuses: "statuses", answerProperties: "answer members",
};

// `covered` is what the traffic touched of it, if that is known.
export function operationView(operation, document, covered, back) {
  return html`
    <header class="head">
      <a class="back" href=${back}>Operations</a>
      <h2 class="mono clip">${operation.method} ${operation.path}</h2>
      <span class="grow"></span>
      <a class="close" href=${back} aria-label="Close the operation" title="Close (Esc)">×</a>
    </header>
    <dl class="facts">
      <dt>operation</dt><dd class="mono">${operation.operation}</dd>
      <dt>answered by</dt><dd>${whoView(operation)}</dd>
    </dl>
    ${document ? describedView(operation, document) : nothing}
    ${covered ? coveredView(covered) : nothing}`;
}

function whoView({ by, guess, why, origin }) {
  if (by === "own") return html`a handler of your own, <span class="mono">${origin}</span>`;
  if (by === "handled") return "a handler made for it";
  return html`a guess: <strong>${guess || "nothing in particular"}</strong>${why
    ? html` <span class="dim">because ${why}</span>` : nothing}`;
}

function describedView(operation, document) {
  const item = document.paths[operation.template] ?? {};
  const described = item[operation.method.toLowerCase()] ?? {};
  const at = (each) => resolved(document, each);
  const parameters = [...(item.parameters ?? []), ...(described.parameters ?? [])].map(at);
  const body = described.requestBody ? at(described.requestBody) : null;
  return html`
    ${described.summary ? html`<p><strong>${described.summary}</strong></p>` : nothing}
    ${described.description ? html`<p class="prose">${proseView(described.description)}</p>` : nothing}
    ${operation.feed ? html`<p class="dim">A WebSocket feed; a plain GET answers what its first frame would say.</p>` : nothing}
    ${tryView(operation, document, described, parameters, body)}
    ${parameters.length ? html`<h3>Parameters</h3><div class="schema">
      ${parameters.map((each) => parameterView(document, each))}</div>` : nothing}
    ${body ? html`<h3>Request body</h3>${contentView(document, body.content, "request")}` : nothing}
    <h3>Answers</h3>
    ${Object.entries(described.responses ?? {}).map(([status, each]) => answerView(document, status, at(each)))}`;
}

function parameterView(document, { name, in: place, required, description, schema = {} }) {
  const own = resolved(document, schema);
  return html`<div class="member"><span class="mono">${name}</span>${required
    ? html`<span class="star" title="required">*</span>` : nothing}
    <span class="dim">${place}, ${[own.type].flat().join(" or ") || "any"}${own.enum
      ? `: ${own.enum.join(", ")}` : ""}</span> ${proseView(description)}</div>`;
}

function answerView(document, status, answer) {
  return html`<details class="side"><summary><span class="status mono" data-status=${`${status[0]}xx`}>${status}</span>
      ${proseView(answer.description)}</summary>
    ${answer.content ? contentView(document, answer.content, status) : html`<p class="dim">No content.</p>`}
  </details>`;
}

function contentView(document, content, place) {
  return html`${Object.entries(content ?? {}).map(([type, { schema }]) => html`
    <p class="dim mono">${type}</p>${schema ? schemaView(document, schema, `${place} ${type}`) : nothing}`)}`;
}

function coveredView(covered) {
  const parts = Object.entries(PARTS)
    .map(([name, label]) => [label, covered[name]])
    .filter(([, each]) => each && each.touched.length + each.untouched.length);
  return html`<h3>Covered by the traffic</h3>
    <dl class="facts">${parts.map(([label, { touched, untouched }]) => html`
      <dt>${label}</dt><dd>${touched.length} of ${touched.length + untouched.length}
        ${untouched.length ? html`<span class="dim">not yet: ${some(untouched)}</span>` : nothing}</dd>`)}
      ${covered.undocumented?.length
        ? html`<dt>undocumented</dt><dd class="wrong">${covered.undocumented.join(", ")}</dd>` : nothing}
    </dl>`;
}

const MOST = 12;
const some = (names) =>
  names.slice(0, MOST).join(", ") + (names.length > MOST ? ` and ${names.length - MOST} more` : "");
