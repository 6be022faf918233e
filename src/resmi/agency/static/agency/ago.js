// Ticking durations: <time data-ago="short|clock" datetime="ISO"> counts up, data-until counts down.
// data-limit="seconds" sets data-state to "over" (ago), "soon" or "over" (until). The server has
// written the first text; this only keeps it true, in the page's language.

const language = document.documentElement.lang || "en";
const units = [
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
].map(([size, unit]) => [
  size,
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }),
]);

const two = (number) => String(number).padStart(2, "0");

/** "3:05" or "1:03:05". */
export function clock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** The largest whole unit: "3 min". */
export function short(seconds) {
  const [size, format] = units.find(([size]) => seconds >= size) ?? units.at(-1);
  return format.format(Math.floor(seconds / size));
}

function state(counting, seconds, limit) {
  if (counting === "ago") return limit && seconds > limit ? "over" : "";
  if (seconds <= 0) return "over";
  return limit && seconds < limit ? "soon" : "";
}

function tick(element, now) {
  const counting = "until" in element.dataset ? "until" : "ago";
  const elapsed = (now - Date.parse(element.dateTime)) / 1000;
  const seconds = counting === "ago" ? elapsed : -elapsed;
  const whole = Math.max(0, Math.floor(seconds));
  const text = element.dataset[counting] === "clock" ? clock(whole) : short(whole);
  if (element.textContent !== text) element.textContent = text;
  const next = state(counting, seconds, Number(element.dataset.limit));
  if (element.dataset.state !== next) element.dataset.state = next;
}

/** Brings all durations on the page up to date. */
export function tickAll() {
  const now = Date.now();
  document.querySelectorAll("time[data-ago], time[data-until]").forEach((e) => tick(e, now));
}

tickAll();
setInterval(() => document.hidden || tickAll(), 1000);
document.addEventListener("visibilitychange", tickAll);
document.addEventListener("htmx:load", tickAll);
