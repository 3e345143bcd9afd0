// What keys do, wherever on the page: numbers choose views, arrows and j, k walk through lists.

import { openHelp } from "./help.js";
import { go } from "./place.js";

const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const writing = (target) => target.closest("input:not([type=range]), textarea, select, dialog");

export function press(event, names) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") return leave(event);
  if (writing(event.target)) return undefined;
  if (event.key === "?") return done(event, openHelp);
  if (event.key === "/") return done(event, () => document.querySelector("#main [data-search]")?.focus());
  const view = names[Number(event.key) - 1];
  if (view) return done(event, () => go(view));
  const button = event.key.length === 1 && document.querySelector(`#main [data-key="${CSS.escape(event.key)}"]`);
  if (button) return done(event, () => button.click());
  if (event.key in STEPS && event.target.type !== "range") return walk(event, STEPS[event.key]);
  return undefined;
}

// A menu is closed by a press anywhere else.
export function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

function done(event, action) {
  event.preventDefault();
  action();
}

// Closes what is open: a menu, or the record or request that is shown.
function leave(event) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  if (event.target.closest("dialog")) return;
  if (writing(event.target)) return event.target.blur();
  const list = document.querySelector("#main [data-roving] a[aria-current]");
  const close = document.querySelector("#main a.close");
  if (!close) return;
  close.click();
  list?.focus();
}

// Moves the focus within the list that has it, or into the first list of the view.
function walk(event, step) {
  const list = event.target.closest("[data-roving]") ?? document.querySelector("#main .pane:not(.side) [data-roving], #main [data-roving]");
  if (!list) return;
  const stops = [...list.querySelectorAll("a.whole, a.row")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at < 0 ? 0 : Math.min(stops.length - 1, Math.max(0, at + step))];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
