// Where a person is on the page. It stands behind the # of the address, so that reload, back and
// bookmarks work: #/state/assets/tags/KEY?revision=3.

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view = "", ...parts] = path.split("/").map(decoded);
  return { view: view || "requests", parts: parts.filter(Boolean), query: new URLSearchParams(query) };
}

// The address of a place; members of `query` that are empty are left out.
export function address(view, parts = [], query = {}) {
  const path = [view, ...parts].map(encodeURIComponent).join("/");
  const told = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const search = new URLSearchParams(told).toString();
  return `#/${path}${search ? `?${search}` : ""}`;
}

export function go(view, parts, query) {
  location.hash = address(view, parts, query);
}

// As `go`, but back leads past this place: for filters and sliders, which change often.
export function become(view, parts, query) {
  history.replaceState(null, "", address(view, parts, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}
