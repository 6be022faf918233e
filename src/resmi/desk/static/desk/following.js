// Keeps parts of the page true: an element with data-live-on="topic topic" and
// hx-trigger="refresh" is fetched again when one of its topics stirs, at most every half second.

const GAP_MS = 500;
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
}
