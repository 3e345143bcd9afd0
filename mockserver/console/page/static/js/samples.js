// A value of a schema to begin with, from its examples and defaults, for a person to change.

import { merged, typeOf } from "./schemas.js";

const DEEPEST = 6;
const TEXTS = {
  "date-time": "2030-01-01T00:00:00Z", date: "2030-01-01", uuid: "00000000-0000-4000-8000-000000000001",
  email: "someone@example.com", uri: "https://example.com/", binary: "",
};

export function sample(document, schema, depth = 0) {
  const own = merged(document, schema);
  for (const name of ["example", "default", "const"]) if (own[name] !== undefined) return own[name];
  if (own.examples?.length) return own.examples[0];
  if (own.enum?.length) return own.enum[0];
  const type = typeOf(own);
  if (type === "object") return members(document, own, depth);
  if (type === "array") return items(document, own, depth);
  if (type === "integer" || type === "number") return own.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "string") return TEXTS[own.format] ?? "text".padEnd(own.minLength ?? 0, "x").slice(0, own.maxLength);
  return own.nullable ? null : {};
}

// What is required; where nothing is, on the first level, all that a client may send.
function members(document, schema, depth) {
  if (depth >= DEEPEST) return {};
  const written = Object.entries(schema.properties ?? {})
    .filter(([, each]) => !merged(document, each).readOnly);
  const required = written.filter(([name]) => schema.required?.includes(name));
  const sent = required.length || depth ? required : written;
  return Object.fromEntries(sent.map(([name, each]) => [name, sample(document, each, depth + 1)]));
}

function items(document, schema, depth) {
  const few = depth >= DEEPEST || (depth > 1 && !schema.minItems);
  return few ? [] : [sample(document, schema.items ?? {}, depth + 1)];
}
