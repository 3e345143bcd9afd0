// The control API of the sandbox that this page belongs to. Addresses are relative to the page's.

// A refusal: `errors` has a pointer, what was expected and what came for each rule that was broken.
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The mock answered ${status}.`);
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

export async function call(method, path, body, type = "application/json") {
  const request = { method, headers: { Accept: "application/json, application/problem+json" } };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] = type;
  }
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Refusal(0, { detail: "The mock does not answer. Is it still running?" });
  }
  if (answer.status === 401) location.reload(); // the page itself then asks for the token
  const text = await answer.text();
  const told = text && read(text);
  if (!answer.ok) throw new Refusal(answer.status, typeof told === "object" ? told : {});
  return told;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);

// A path of these segments, each percent-encoded; with what is asked for behind it.
export function path(segments, query = {}) {
  const told = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const search = new URLSearchParams(told).toString();
  return segments.map((each) => encodeURIComponent(each)).join("/") + (search ? `?${search}` : "");
}

// The sandbox by the address of the page, and the prefix of everything in it.
export const PREFIX = location.pathname.replace(/\/__mock__\/.*$/, "");
export const SANDBOX = PREFIX.startsWith("/@") ? decodeURIComponent(PREFIX.slice(2)) : "default";
