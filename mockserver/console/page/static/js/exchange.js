// One request and its answer, with what was wrong shown at its place.

import { get } from "./api.js";
import { changed } from "./drawing.js";
import { bodyView } from "./json.js";
import { html, nothing } from "./lit.js";
import { complain, tell } from "./notices.js";
import { address } from "./place.js";
import { instant, milliseconds } from "./times.js";

let shown = null;

export async function loadExchange(id) {
  if (String(shown?.id) === id) return;
  shown = await get(`requests/${encodeURIComponent(id)}`);
  changed();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell("Copied.");
  } catch {
    complain(new Error("The browser does not let this page copy; the line is below the answer."));
  }
}

export function exchangeView(id, back) {
  const ready = String(shown?.id) === id;
  return html`
    <header class="head">
      <a class="back" href=${back}>Requests</a>
      <h2 class="mono clip">${ready ? `${shown.method} ${shown.path}` : id}</h2>
      <span class="grow"></span>
      ${ready ? html`<button @click=${() => copy(shown.curl)}>Copy as curl</button>` : nothing}
      <a class="close" href=${back} aria-label="Close the request" title="Close (Esc)">×</a>
    </header>
    ${ready ? fullView(shown) : nothing}`;
}

function fullView(exchange) {
  const { violations } = exchange;
  const at = (...locations) => violations.filter((each) => locations.includes(each.location));
  return html`
    <dl class="facts">
      <dt>status</dt><dd class="mono" data-status=${`${Math.floor(exchange.status / 100)}xx`}>
        <span class="status">${exchange.status || "dropped"}</span></dd>
      <dt>operation</dt><dd>${exchange.operation
        ? html`<a href=${address("operations", [exchange.api, exchange.operation])}>${exchange.operation}</a>`
        : "none is described there"}</dd>
      <dt>at</dt><dd class="mono">${instant(exchange.at)}, ${milliseconds(exchange.milliseconds)}</dd>
      ${struck(exchange)}
      ${exchange.reason ? html`<dt>why</dt><dd>${exchange.reason}</dd>` : nothing}
    </dl>
    ${violations.length ? html`<ul class="errors">${violations.map(violationView)}</ul>` : nothing}
    ${sideView("Request", exchange.request, at("body"))}
    ${sideView("Answer", exchange.answer, at("reply"))}
    <details class="side"><summary><h3>curl</h3></summary><pre class="plain" tabindex="0">${exchange.curl}</pre></details>`;
}

// Which fault rules did this on purpose.
function struck({ answer }) {
  const fault = answer.headers.find((each) => each.name === "x-mock-fault");
  return fault ? html`<dt>fault</dt><dd><a href=${address("faults")}>${fault.value}</a></dd>` : nothing;
}

function violationView({ location, pointer, rule, expected, received }) {
  return html`<li><span class="mono">${location} ${pointer}</span>
    expected ${expected}${received ? html`, received <span class="mono">${received}</span>` : nothing}
    <span class="dim">${rule}</span></li>`;
}

function sideView(title, { headers, body }, violations) {
  const marks = violations.map(({ pointer, expected, received }) => ({
    pointer, text: `expected ${expected}${received ? `, received ${received}` : ""}`,
  }));
  return html`
    <h3>${title} <span class="dim">${body ? `${body.mediaType}, ${body.bytes.toLocaleString()} bytes` : "no body"}</span></h3>
    <details class="side headers"><summary>${headers.length} headers</summary>
      <dl class="pairs mono">${headers.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
    </details>
    ${body ? contentView(body, marks) : nothing}`;
}

function contentView(body, marks) {
  const cut = body.cut ? html`<p class="dim">Only the beginning was kept.</p>` : nothing;
  if (body.text === undefined) return html`<p class="dim">Bytes that are no text.</p>${cut}`;
  return html`${bodyView(body.text, marks)}${cut}`;
}
