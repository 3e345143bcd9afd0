// What arrives in the sandbox, over a WebSocket; the newest first.

import { changed } from "./drawing.js";
import { get } from "./api.js";

export const MOST = 1000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const SETTLED = 500;

// `state` is live, waiting or gone; `told` says it. `rows` are summaries of requests; while it is
// paused they wait in `held`.
export const feed = { state: "waiting", told: "connecting", rows: [], held: [], paused: false, missed: 0 };

let wait = FIRST_WAIT;
let catching = 0;

export function follow(happened) {
  const address = new URL("requests/feed", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.hash = "";
  const socket = new WebSocket(address);
  socket.onopen = () => {
    wait = FIRST_WAIT;
    if (feed.state === "gone") again();
    say("live", "live");
  };
  socket.onmessage = ({ data }) => {
    take(JSON.parse(data));
    happened();
  };
  socket.onclose = () => {
    say("gone", "not connected: trying again");
    setTimeout(() => follow(happened), wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  };
}

// Connected again, maybe to a server that was started anew: what it does not know is gone.
function again() {
  forget();
  catchUp();
}

function say(state, told) {
  Object.assign(feed, { state, told });
  changed();
}

function take({ requests, missed, cleared }) {
  if (cleared) forget();
  add(requests);
  feed.missed += missed;
  if (missed && !catching) catching = setTimeout(catchUp, SETTLED);
}

// Puts requests where they belong by their number; those that are newer wait while it is paused.
function add(requests) {
  const newest = feed.rows[0]?.id ?? 0;
  const later = (each) => feed.paused && each.id > newest;
  feed.held = merged(feed.held, requests.filter(later));
  feed.rows = merged(feed.rows, requests.filter((each) => !later(each)));
  changed();
}

function merged(known, more) {
  if (!more.length) return known;
  const all = new Map([...known, ...more].map((each) => [each.id, each]));
  return [...all.values()].sort((one, other) => other.id - one.id).slice(0, MOST);
}

// Reads from the journal what did not come over the socket: at first, and after a burst.
export async function catchUp() {
  catching = 0;
  try {
    const { requests } = await get(`requests?limit=${MOST}`);
    feed.missed = 0;
    add(requests);
  } catch {
    // The socket tells when the server is gone; the next burst asks again.
  }
}

export function pause(paused) {
  feed.paused = paused;
  if (!paused) {
    feed.rows = merged(feed.rows, feed.held);
    feed.held = [];
  }
  changed();
}

export function forget() {
  Object.assign(feed, { rows: [], held: [], missed: 0 });
  changed();
}
