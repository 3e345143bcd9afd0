// Where in a JSON text each value stands, so that an editor can show what is wrong there.

const SPACE = /[\s,:]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /[^\s,:\[\]{}"]+/y;

const escaped = (name) => String(name).replace(/~/g, "~0").replace(/\//g, "~1");

// A Map of pointers to [start, end] of a text that JSON.parse has taken.
function positions(text) {
  const found = new Map();
  let at = 0;

  const skip = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match ? match[0] : "";
  };

  const value = (pointer) => {
    skip(SPACE);
    const start = at;
    if (text[at] === "{") members(pointer);
    else if (text[at] === "[") items(pointer);
    else if (!skip(STRING)) skip(SCALAR);
    found.set(pointer, [start, at]);
  };

  const members = (pointer) => {
    at += 1;
    for (skip(SPACE); text[at] !== "}" && at < text.length; skip(SPACE)) {
      const name = JSON.parse(skip(STRING));
      value(`${pointer}/${escaped(name)}`);
    }
    at += 1;
  };

  const items = (pointer) => {
    at += 1;
    let index = 0;
    for (skip(SPACE); text[at] !== "]" && at < text.length; skip(SPACE)) {
      value(`${pointer}/${index}`);
      index += 1;
    }
    at += 1;
  };

  value("");
  return found;
}

// The [start, end] of the value at a pointer, or of the nearest one around it.
export function position(text, pointer) {
  const found = positions(text);
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
    if (found.has(at)) return found.get(at);
  }
  return found.get("");
}
