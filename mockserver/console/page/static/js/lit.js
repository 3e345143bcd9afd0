// The one place that says which library draws the page: lit-html, which writes every value as text.
export { html, nothing, render } from "../vendor/lit/lit-html.js";
export { live } from "../vendor/lit/directives/live.js";
export { repeat } from "../vendor/lit/directives/repeat.js";
