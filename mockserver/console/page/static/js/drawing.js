// When the page is drawn: once a frame, however often something changed since the last one.

let draw = () => {};
let due = false;
const afterwards = [];

export function drawWith(drawn) {
  draw = drawn;
}

export function changed() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
    for (const action of afterwards.splice(0)) action();
  });
}

// Does something once the next drawing is done, such as moving the focus to what it made.
export function afterDrawing(action) {
  afterwards.push(action);
  changed();
}
