// Descriptions: text with code between backticks; of CommonMark no more is needed to read them.

import { html } from "./lit.js";

export function proseView(text = "") {
  return text.split(/`([^`\n]+)`/).map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));
}
