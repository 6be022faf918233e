// Keeps parts of the page true: an element with data-live-on="topic topic" and
// hx-trigger="refresh" is fetched again when one of its topics stirs, at most every half second; when
// that failed a little later, and when the screen was locked as soon as it is open again. Without a
// live stream it is fetched now and then; whoever is signed out by then learns of it.

const GAP_MS = 500;
const AGAIN_MS = 3000;
const ALONE_MS = 15_000;
const waiting = new WeakMap();

/** Asks `element` to fetch itself: at once, or once after the gap if it just did. */
export function refresh(element) {
  if (!element?.isConnected) return;
  const state = waiting.get(element) ?? { until: 0, timer: 0 };
  waiting.set(element, state);
  if (state.timer) return;
  const now = performance.now();
  if (now >= state.until) {
    state.until = now + GAP_MS;
    htmx.trigger(element, "refresh");
    return;
  }
  state.timer = setTimeout(() => {
    state.timer = 0;
    refresh(element);
  }, state.until - now);
}

function again({ detail: { elt, xhr } }) {
  const state = waiting.get(elt);
  if (!state || state.timer || (xhr.status && xhr.status < 500 && xhr.status !== 429)) return;
  state.timer = setTimeout(() => {
    state.timer = 0;
    refresh(elt);
  }, AGAIN_MS);
}

/** Follows the topics of every element on the page that names some. */
export function follow() {
  const topics = new Set();
  for (const element of document.querySelectorAll("[data-live-on]"))
    for (const topic of element.dataset.liveOn.split(" ")) topics.add(topic);
  for (const topic of topics)
    document.body.addEventListener(`live:${topic}`, () => {
      const named = document.querySelectorAll(`[data-live-on~="${CSS.escape(topic)}"]`);
      named.forEach(refresh);
    });
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.body.addEventListener(failure, again);
  const all = () => document.querySelectorAll("[hx-trigger=refresh]").forEach(refresh);
  document.body.addEventListener("resmi:unlocked", all);
  setInterval(() => document.body.dataset.liveState === "lost" && all(), ALONE_MS);
}
