// The clock of the sandbox: what its operations take for now.

import { call, get, post, put } from "./api.js";
import { changed } from "./drawing.js";
import { html, nothing } from "./lit.js";
import { attempt } from "./notices.js";

export const title = "Clock";

const STEPS = [["1 minute", "PT1M"], ["1 hour", "PT1H"], ["1 day", "P1D"], ["30 days", "P30D"]];
const TICK = 1000;

let clock = null;
let read = 0;
let seed = null;
let ticking = 0;

export async function arrived() {
  await attempt(async () => {
    take(await get("clock"));
    seed = (await get("seed")).seed;
    changed();
  });
  clearInterval(ticking);
  ticking = setInterval(changed, TICK);
}

export function left() {
  clearInterval(ticking);
}

export const happened = arrived;

// What the tab tells: that time is not what the server takes it for.
export const badge = () => (clock?.frozen ? "frozen" : clock?.offset ? "moved" : "");

export const peek = () => attempt(async () => take(await get("clock")));

function take(told) {
  clock = told;
  read = Date.now();
  changed();
}

const turn = (request) => attempt(async () => take(await request));

// A clock that runs is shown as it runs on since it was read.
function now() {
  const runs = clock.mode === "real" && !clock.frozen;
  return new Date(Date.parse(clock.now) + (runs ? Date.now() - read : 0));
}

function set(event) {
  event.preventDefault();
  const { at, frozen } = event.target.elements;
  const instant = /[zZ]|[+-]\d\d:\d\d$/.test(at.value) ? at.value : `${at.value}Z`;
  turn(put("clock", { now: instant, frozen: frozen.checked }));
}

async function back() {
  await attempt(async () => {
    await call("DELETE", "clock");
    take(await get("clock"));
  });
}

async function sow(event) {
  event.preventDefault();
  const wanted = Number(event.target.elements.seed.value);
  await attempt(async () => {
    seed = (await put("seed", { seed: wanted })).seed;
    changed();
  });
}

export function view() {
  if (!clock) return nothing;
  const own = clock.offset === 0 && !clock.frozen;
  return html`<div class="page">
    <section class="card" aria-label="Clock">
      <div><output class="now">${now().toISOString().replace("T", " ").replace(/\.\d+/, "")}</output>
        <p class="dim">${told()}</p></div>
      <div class="line wraps">
        ${clock.frozen
          ? html`<button class="primary" @click=${() => turn(post("clock/resume"))}>Let it go on</button>`
          : html`<button class="primary" @click=${() => turn(post("clock/freeze"))}>Freeze</button>`}
        ${STEPS.map(([label, duration]) => html`<button
          @click=${() => turn(post("clock/advance", { duration }))}>+ ${label}</button>`)}
        <button ?disabled=${own} @click=${back}>The server's own</button>
      </div>
      <form class="line wraps" @submit=${set}>
        <label class="line">Set it to <input name="at" class="mono" required size="22"
          placeholder="2030-01-01T00:00:00Z" pattern="\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d.*"
          title="An instant as ISO 8601 has it, in UTC unless it says otherwise"></label>
        <label class="line"><input type="checkbox" name="frozen"> frozen</label>
        <button>Set</button>
      </form>
    </section>
    <section class="card" aria-label="Seed">
      <form class="line wraps" @submit=${sow}>
        <label class="line">Seed of new ids <input name="seed" class="mono" type="number" required
          step="1" .value=${String(seed ?? 0)}></label>
        <button>Set</button>
        <span class="dim">The same seed makes the same ids in the same order.</span>
      </form>
    </section>
  </div>`;
}

function told() {
  const ticks = clock.mode === "fixed" ? "The server's clock is fixed: it advances 1 ms a commit. " : "";
  if (clock.frozen) return `${ticks}It stands still.`;
  if (clock.offset === 0) return `${ticks}It is the server's own.`;
  const seconds = Math.abs(clock.offset);
  const days = seconds / 86_400;
  const amount = days >= 1 ? `${days.toFixed(1)} days` : `${Math.round(seconds)} seconds`;
  return `${ticks}It is ${amount} ${clock.offset > 0 ? "ahead of" : "behind"} the server's own.`;
}
