// The form of a new fault: what it does, which requests it strikes, and how often.

import { changed } from "./drawing.js";
import { html, nothing } from "./lit.js";

// What a kind asks for: a field has a name, a type, and what stands in it to begin with.
const number = (name, label, begins, optional = false) => ({ name, label, type: "number", begins, optional });
const one = (name, label, values) => ({ name, label, type: "choice", values, begins: values[0] });
const json = (name, label) => ({ name, label, type: "json", begins: "", optional: true });

const WHEN = one("when", "the operation is", ["before", "after"]);
const FRAMES = number("frames", "frames of a feed first", 0);

export const KINDS = {
  latency: { label: "Latency", told: "The answer comes later.", fields: [
    one("distribution", "distribution", ["fixed", "uniform", "lognormal"])] },
  status: { label: "Status", told: "Another status, with the body that is documented for it.", fields: [
    number("status", "status", 503), json("body", "body (JSON; else the documented one)"), json("headers", "headers (JSON)")] },
  limit: { label: "Rate limit", told: "429 with Retry-After past so many requests.", fields: [
    number("requests", "requests", 10), number("seconds", "in seconds", 60)] },
  drop: { label: "Dropped connection", told: "The connection is closed without an answer, before or after the state has changed.", fields: [WHEN, FRAMES] },
  reset: { label: "Reset connection", told: "As dropped, with a TCP reset.", fields: [WHEN, FRAMES] },
  truncate: { label: "Truncated body", told: "The body ends too soon.", fields: [number("bytes", "after bytes (else half)", "", true)] },
  slow: { label: "Slow body", told: "The body trickles.", fields: [number("rate", "bytes a second", 1000)] },
  malformed: { label: "Malformed JSON", told: "The body is no JSON any more.", fields: [] },
  break: { label: "Broken contract", told: "One required member is missing or of a wrong type.", fields: [] },
};

const BY_DISTRIBUTION = {
  fixed: [number("milliseconds", "milliseconds", 500)],
  uniform: [number("lower", "at least ms", 100), number("upper", "at most ms", 500)],
  lognormal: [number("median", "median ms", 200), number("sigma", "sigma", 0.5)],
};

export const adding = { kind: "latency", distribution: "fixed", errors: [] };

const fieldsOf = () =>
  adding.kind === "latency"
    ? [...KINDS.latency.fields, ...BY_DISTRIBUTION[adding.distribution]]
    : KINDS[adding.kind].fields;

function readField({ name, type, optional }, form, errors) {
  const text = form.elements[name].value.trim();
  if (text === "" && optional) return undefined;
  if (type === "number") return Number(text);
  if (type !== "json") return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    errors.push({ pointer: `/fault/${name}`, expected: `JSON: ${error.message}` });
    return undefined;
  }
}

function draftOf(form) {
  const errors = [];
  const fault = { kind: adding.kind };
  for (const field of fieldsOf()) {
    const value = readField(field, form, errors);
    if (value !== undefined) fault[field.name] = value;
  }
  const draft = { fault };
  const { operation, method, path, percent, count, skip, seed } = form.elements;
  if (operation.value) [draft.api, draft.operation] = JSON.parse(operation.value);
  if (method.value) draft.method = method.value;
  if (path.value.trim()) draft.path = path.value.trim();
  if (percent.value !== "" && percent.value !== "100") draft.probability = Number(percent.value) / 100;
  for (const field of [count, skip, seed]) {
    if (field.value !== "") draft[field.name] = Number(field.value);
  }
  return [draft, errors];
}

// `add` is called with the draft of a rule.
export function ruleForm(operations, add) {
  const submit = (event) => {
    event.preventDefault();
    const [draft, errors] = draftOf(event.target);
    adding.errors = errors;
    if (errors.length) changed();
    else add(draft);
  };
  const choose = (event) => {
    adding.kind = event.target.value;
    adding.errors = [];
    changed();
  };
  const { told } = KINDS[adding.kind];
  return html`<form class="card-form" @submit=${submit}>
    <div class="grid">
      <div><label for="fault-kind">fault</label><select id="fault-kind" name="kind" @change=${choose}>
        ${Object.entries(KINDS).map(([kind, { label }]) => html`<option value=${kind}
          .selected=${kind === adding.kind}>${label}</option>`)}</select></div>
      ${fieldsOf().map(fieldView)}
    </div>
    <p class="dim">${told}</p>
    <div class="grid">
      <div><label for="fault-operation">operation</label><select id="fault-operation" name="operation"><option value="">any</option>
        ${operations.map((each) => html`<option value=${JSON.stringify([each.api, each.operation])}>
          ${each.operation}</option>`)}</select></div>
      <div><label for="fault-method">method</label><select id="fault-method" name="method"><option value="">any</option>
        ${["GET", "POST", "PUT", "PATCH", "DELETE"].map((each) => html`<option>${each}</option>`)}</select></div>
      <div><label for="fault-path">path</label><input id="fault-path" name="path" class="mono" placeholder="/todos/*" title="* and ? within a segment, ** any segments"></div>
    </div>
    <div class="grid narrow">
      <div><label for="fault-percent">percent</label><input id="fault-percent" name="percent" type="number" min="0" max="100" step="any" value="100"></div>
      <div><label for="fault-count">at most times</label><input id="fault-count" name="count" type="number" min="1" placeholder="always"></div>
      <div><label for="fault-skip">skip first</label><input id="fault-skip" name="skip" type="number" min="0" placeholder="0"></div>
      <div><label for="fault-seed">seed</label><input id="fault-seed" name="seed" type="number" placeholder="the server's"></div>
      <button class="primary">Add fault</button>
    </div>
    ${adding.errors.length ? html`<ul class="errors" role="alert">${adding.errors.map((each) => html`
      <li><span class="mono">${each.pointer}</span> expected ${each.expected}
        ${each.received ? `, received ${each.received}` : ""}</li>`)}</ul>` : nothing}
  </form>`;
}

function fieldView({ name, label, type, values, begins, optional }) {
  if (type === "choice") {
    const choose = (event) => {
      if (name !== "distribution") return;
      adding.distribution = event.target.value;
      changed();
    };
    return html`<div><label for="fault-${name}">${label}</label><select id="fault-${name}" name=${name} @change=${choose}>
      ${values.map((each) => html`<option>${each}</option>`)}</select></div>`;
  }
  return html`<div><label for="fault-${name}">${label}</label><input id="fault-${name}" name=${name} class="mono" ?required=${!optional}
    inputmode=${type === "number" ? "decimal" : "text"} value=${begins}></div>`;
}
