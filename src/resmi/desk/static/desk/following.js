// Keeps parts of the page true: an element with data-live-on="topic topic" and
// hx-trigger="refresh" is fetched again when one of its topics stirs, at most every half second; when
// that failed a little later, and when the screen was locked as soon as it is open again. Without a
// live stream it is fetched now and then; whoever is signed out by then learns of it.

const GAP_MS = 500;
const AGAIN_MS = 3000;
const ALONE_MS = 15_000;
const waiting = new WeakMap(); // an element → how it stands; `owed`: to be fetched again after this

/** Asks `element` to fetch itself: at once, or once after the gap or the answer it waits for. */
export function refresh(element) {
  if (!element?.isConnected) return;
  const state = waiting.get(element) ?? { until: 0, timer: 0, busy: false, owed: false };
  waiting.set(element, state);
  state.owed ||= state.busy;
  if (state.timer || state.busy) return;
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

// htmx would keep what waits for an answer in the element, and forget it where the answer changes it.
function sent({ detail: { elt, xhr } }) {
  const state = waiting.get(elt);
  if (!state) return;
  state.busy = true;
  xhr.addEventListener("loadend", () => {
    const { owed } = state;
    state.busy = state.owed = false;
    if (owed) refresh(elt);
  });
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
  document.body.addEventListener("htmx:beforeSend", sent);
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.body.addEventListener(failure, again);
  const all = () => document.querySelectorAll("[hx-trigger=refresh]").forEach(refresh);
  document.body.addEventListener("resmi:unlocked", all);
  setInterval(() => document.body.dataset.liveState === "lost" && all(), ALONE_MS);
}
