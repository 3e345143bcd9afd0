// "Try it": a request to this sandbox, filled in as far as the description and the state allow.

import { get, path, PREFIX } from "./api.js";
import { changed } from "./drawing.js";
import { bodyView } from "./json.js";
import { html, live, nothing } from "./lit.js";
import { sample } from "./samples.js";
import { merged, resolved, typeOf } from "./schemas.js";
import { milliseconds } from "./times.js";

const FORMS = ["multipart/form-data", "application/x-www-form-urlencoded"];
const SUGGESTED = 20;

// One trial at a time: what was written for an operation, and what it was answered.
let trial = null;
const secrets = new Map();

function begin(operation, document, parameters, body) {
  const name = `${operation.api}/${operation.operation}`;
  if (trial?.name === name) return trial;
  const types = Object.keys(body?.content ?? {});
  const type = types.find((each) => each.includes("json")) ?? types[0] ?? "";
  trial = { name, values: {}, keys: {}, type, text: "", answer: null, wrong: "", busy: false };
  for (const each of parameters) {
    const key = `${each.in} ${each.name}`;
    const value = each.example ?? merged(document, each.schema ?? {}).example;
    if (value !== undefined || each.required) {
      trial.values[key] = textOf(value ?? sample(document, each.schema ?? {}));
    }
  }
  fill(document, body);
  suggest(trial, operation);
  return trial;
}

const textOf = (value) => (typeof value === "object" && value !== null
  ? (Array.isArray(value) ? value.join(",") : JSON.stringify(value)) : String(value));

function fill(document, body) {
  const content = body?.content?.[trial.type];
  if (!content) return;
  const example = content.example ?? Object.values(content.examples ?? {})[0]?.value;
  const value = example ?? sample(document, content.schema ?? {});
  trial.text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

// Keys of records stand behind the name of their collection: /todos/{id}.
async function suggest(made, operation) {
  const segments = operation.path.split("/");
  for (const [index, segment] of segments.entries()) {
    const parameter = /^\{(.+)\}$/.exec(segment)?.[1];
    const collection = segments[index - 1];
    if (!parameter || !collection || collection.startsWith("{")) continue;
    try {
      const known = (await get("state")).collections;
      const found = known.find((each) => each.api === operation.api && each.collection === collection);
      if (!found) continue;
      const { records } = await get(path(["state", operation.api, collection], { limit: SUGGESTED }));
      made.keys[parameter] = records.map((each) => each.key);
      if (records.length) made.values[`path ${parameter}`] = records[0].key;
      changed();
    } catch {
      return; // suggestions only
    }
  }
}

// The schemes that an operation asks for, each with a name of its own among those of all APIs.
// Where nobody wrote a handler `mock` is right in every place, unless fixtures say otherwise.
function schemesOf(operation, document, described) {
  const wanted = described.security ?? document.security ?? [];
  const known = document.components?.securitySchemes ?? {};
  const names = new Set(wanted.flatMap((each) => Object.keys(each)));
  const found = [...names].map((called) => ({ ...resolved(document, known[called]), called }));
  return found.filter((each) => each.type).map((each) => {
    const scheme = { ...each, key: `${operation.api} ${each.called}` };
    if (operation.by !== "handled" && !secrets.has(scheme.key)) {
      secrets.set(scheme.key, isBasic(scheme) ? "mock:mock" : "mock");
    }
    return scheme;
  });
}

const isBasic = (scheme) => scheme.scheme?.toLowerCase() === "basic";

function addressOf(operation, document, parameters, schemes) {
  const filled = operation.path.split("#")[0].replace(/\{([^}]+)\}/g,
    (_, name) => encodeURIComponent(trial.values[`path ${name}`] ?? ""));
  const query = new URLSearchParams();
  for (const each of parameters.filter((one) => one.in === "query")) {
    const text = trial.values[`query ${each.name}`] ?? "";
    if (text === "") continue;
    const many = typeOf(merged(document, each.schema ?? {})) === "array" && each.explode !== false;
    for (const value of many ? text.split(",") : [text]) query.append(each.name, value);
  }
  for (const scheme of schemes.filter((each) => each.in === "query")) {
    if (secrets.get(scheme.key)) query.set(scheme.name, secrets.get(scheme.key));
  }
  return PREFIX + filled + (query.size ? `?${query}` : "");
}

function headersOf(parameters, schemes) {
  const headers = new Headers();
  for (const each of parameters.filter((one) => one.in === "header")) {
    const text = trial.values[`header ${each.name}`];
    if (text) headers.set(each.name, text);
  }
  for (const scheme of schemes) {
    const secret = secrets.get(scheme.key);
    if (!secret) continue;
    if (scheme.type === "apiKey" && scheme.in === "header") headers.set(scheme.name, secret);
    else if (isBasic(scheme)) headers.set("Authorization", `Basic ${btoa(secret)}`);
    else if (scheme.type !== "apiKey") headers.set("Authorization", `Bearer ${secret}`);
  }
  return headers;
}

function bodyOf(form, headers) {
  if (!trial.type) return undefined;
  if (!FORMS.includes(trial.type)) {
    headers.set("Content-Type", trial.type);
    return trial.text;
  }
  const made = new FormData();
  for (const input of form.querySelectorAll("[data-part]")) {
    const value = input.type === "file" ? input.files[0] : input.value;
    if (value) made.append(input.dataset.part, value);
  }
  return trial.type === FORMS[0] ? made : new URLSearchParams(made);
}

async function send(event, operation, document, parameters, schemes) {
  event.preventDefault();
  const made = trial;
  Object.assign(made, { busy: true, wrong: "", answer: null });
  changed();
  const started = performance.now();
  try {
    const headers = headersOf(parameters, schemes);
    const address = addressOf(operation, document, parameters, schemes);
    const body = bodyOf(event.target, headers);
    const answer = await fetch(address, { method: operation.method, headers, body });
    const text = await answer.text();
    made.answer = {
      status: answer.status, headers: [...answer.headers], text,
      milliseconds: performance.now() - started,
    };
  } catch (error) {
    made.wrong = `No answer came: ${error.message}`;
  }
  made.busy = false;
  changed();
}

export function tryView(operation, document, described, parameters, body) {
  begin(operation, document, parameters, body);
  const schemes = schemesOf(operation, document, described);
  const submit = (event) => send(event, operation, document, parameters, schemes);
  return html`<form class="trying" aria-label="Try it" @submit=${submit}>
    ${schemes.map(secretView)}
    ${parameters.filter((each) => each.in !== "cookie").map((each) => parameterView(document, each))}
    ${trial.type ? bodyFormView(document, body) : nothing}
    <div class="line"><button class="primary" ?disabled=${trial.busy}>Send</button>
      <span class="mono dim clip">${operation.method} ${addressOf(operation, document, parameters, schemes)}</span></div>
    ${trial.wrong ? html`<p class="wrong" role="alert">${trial.wrong}</p>` : nothing}
    ${trial.answer ? answerView(trial.answer) : nothing}
  </form>`;
}

function secretView(scheme) {
  const { key, called } = scheme;
  if (scheme.in === "cookie") {
    return html`<p class="dim">${called}: a cookie, which a page cannot set for this server.</p>`;
  }
  const write = (event) => { secrets.set(key, event.target.value); changed(); };
  return html`<label class="field"><span>${called} <span class="kind">credentials</span></span>
    <input class="mono" autocomplete="off" placeholder=${isBasic(scheme) ? "name:password" : "as in the fixtures"}
      .value=${live(secrets.get(key) ?? "")} @input=${write}></label>`;
}

function parameterView(document, { name, in: place, required, description, schema = {} }) {
  const key = `${place} ${name}`;
  const own = merged(document, schema);
  const values = own.enum ?? own.items?.enum ?? trial.keys[name] ?? [];
  const write = (event) => { trial.values[key] = event.target.value; changed(); };
  return html`<label class="field" title=${description ?? nothing}>
    <span>${name}${required ? html`<span class="star">*</span>` : nothing} <span class="kind">${place}</span></span>
    <input class="mono" list=${values.length ? `values-${key}` : nothing} .value=${live(trial.values[key] ?? "")}
      ?required=${required && place === "path"} @input=${write}>
    ${values.length ? html`<datalist id=${`values-${key}`}>${values.map((each) =>
      html`<option value=${each}></option>`)}</datalist>` : nothing}</label>`;
}

function bodyFormView(document, body) {
  const types = Object.keys(body.content);
  const choose = (event) => { trial.type = event.target.value; fill(document, body); changed(); };
  return html`
    <div class="line"><span>Body</span>${types.length > 1 ? html`<select aria-label="Media type" @change=${choose}>
      ${types.map((each) => html`<option .selected=${each === trial.type}>${each}</option>`)}</select>`
      : html`<span class="dim mono">${trial.type}</span>`}</div>
    ${FORMS.includes(trial.type)
      ? partsView(document, body.content[trial.type].schema ?? {})
      : html`<textarea spellcheck="false" aria-label="Body" .value=${live(trial.text)}
          @input=${(event) => { trial.text = event.target.value; }}></textarea>`}`;
}

function partsView(document, schema) {
  const own = merged(document, schema);
  const required = new Set(own.required);
  return html`${Object.entries(own.properties ?? {}).map(([name, each]) => {
    const member = merged(document, each);
    const file = member.format === "binary";
    const begins = required.has(name) && !file ? textOf(sample(document, member)) : "";
    return html`<label class="field"><span>${name}${required.has(name) ? html`<span class="star">*</span>` : nothing}</span>
      <input data-part=${name} type=${file ? "file" : "text"} value=${file ? nothing : begins}></label>`;
  })}`;
}

function answerView({ status, headers, text, milliseconds: took }) {
  return html`<div role="status" aria-label="Answer">
    <p><span class="status mono" data-status=${`${Math.floor(status / 100)}xx`}>${status}</span>
      <span class="dim">${milliseconds(took)}</span></p>
    <details class="side headers"><summary>${headers.length} headers</summary>
      <dl class="pairs mono">${headers.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></details>
    ${text ? bodyView(text) : html`<p class="dim">No body.</p>`}</div>`;
}
