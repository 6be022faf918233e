// One event stream a page. Topics: data-live on body (comma-separated) and data-live-topic on any
// element, also on those that come and go by htmx. Each event is dispatched on body as
// `live:<topic>` with its data as detail, so hx-trigger="live:queues from:body" works; a topic such as
// "conversation:12" also as `live:conversation` with { id: "12", ...data }.
// After a gap that could not be bridged (the server says "resync") every topic gets one event with
// { resync: true }: fetch what you show again. body[data-live-state] is connecting, open or lost.

const body = document.body;
const RETRY_MS = [500, 1000, 2000, 5000, 10000];
let source = null;
let opened = "";
let last = body.dataset.liveLast ?? "";
let failures = 0;
let timer = 0;
const asked = new WeakMap(); // a request of htmx → where the stream stood when it was sent
let since = ""; // the same of the answer drawn last

/** The topics the page asks for now, sorted. */
export function topics() {
  const wanted = new Set((body.dataset.live ?? "").split(",").map((topic) => topic.trim()));
  for (const element of document.querySelectorAll("[data-live-topic]"))
    wanted.add(element.dataset.liveTopic);
  wanted.delete("");
  return [...wanted].sort();
}

function tell(topic, data) {
  body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail: data }));
  const [kind, id] = topic.split(":");
  if (id) body.dispatchEvent(new CustomEvent(`live:${kind}`, { detail: { id, ...data } }));
}

function receive(event) {
  if (event.lastEventId) last = event.lastEventId;
  const { topic, data } = JSON.parse(event.data);
  tell(topic, data);
}

function connect() {
  clearTimeout(timer);
  source?.close();
  source = null;
  const wanted = topics().join(",");
  opened = wanted;
  if (!wanted) return;
  body.dataset.liveState = failures ? "lost" : "connecting";
  const query = new URLSearchParams({ topics: wanted, ...(last && { last }) });
  source = new EventSource(`${body.dataset.liveUrl}?${query}`);
  source.addEventListener("ready", (event) => {
    failures = 0;
    last = event.lastEventId || last;
    body.dataset.liveState = "open";
  });
  source.addEventListener("change", receive);
  source.addEventListener("beat", (event) => (last = event.lastEventId || last));
  source.addEventListener("again", connect);
  source.addEventListener("resync", (event) => {
    last = event.lastEventId || last;
    for (const topic of topics()) tell(topic, { resync: true });
  });
  source.onerror = () => {
    source.close();
    failures += 1;
    if (failures > 1) body.dataset.liveState = "lost";
    timer = setTimeout(connect, RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]);
  };
}

/** Opens the stream anew if the page now asks for other topics; nothing is missed in between. */
export function refresh() {
  if (topics().join(",") === opened) return;
  // What brought them was read after it was asked for; the stream may have come further since.
  if (Number.parseInt(since, 10) < Number.parseInt(last, 10)) last = since;
  connect();
}

// Not before every module of the page listens: what was missed is told at once, and only once.
if (document.readyState === "complete") connect();
else document.addEventListener("DOMContentLoaded", connect, { once: true });
document.addEventListener("htmx:beforeRequest", ({ detail: { xhr } }) => asked.set(xhr, last));
document.addEventListener("htmx:beforeSwap", ({ detail: { xhr } }) => (since = asked.get(xhr) ?? ""));
document.addEventListener("htmx:load", refresh);
document.addEventListener("htmx:afterSettle", refresh);
addEventListener("online", connect);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && connect());
