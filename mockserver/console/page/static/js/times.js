// Instants and durations as the page writes them.

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false,
});
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

// The time of day, in the zone of the browser; with the date when it is not today's.
export function instant(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const time = clock.format(at);
  return at.toDateString() === new Date().toDateString() ? time : `${calendar.format(at)} ${time}`;
}

export function milliseconds(value) {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
