// The open thread: follows new lines, stays at the bottom if one is there, else offers a pill.

import { refresh } from "./following.js";

const NEAR_BOTTOM_PX = 80;
const LINES_AGAIN = 30;

const list = () => document.getElementById("thread-lines");
const scroller = () => document.getElementById("thread-scroller");
const pill = () => document.getElementById("thread-new");

let stick = true;

/** The open conversation's number, or an empty string. */
export function openConversation() {
  return document.getElementById("thread")?.dataset.conversation ?? "";
}

/** Fetches what is new in the open thread. */
export function catchUp() {
  refresh(list());
}

function atBottom(element) {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_BOTTOM_PX;
}

function toBottom() {
  const element = scroller();
  if (!element) return;
  element.scrollTop = element.scrollHeight;
  stick = true;
  pill().hidden = true;
}

/** Leaves the reader where they are when lines come: they look at something further up. */
export function stay() {
  stick = false;
}

// The last lines are asked for again: their ticks, files and failures may have moved.
function after() {
  const asked = list()?.querySelector("[data-asked]")?.closest("[data-seq]");
  const seqs = [...(list()?.querySelectorAll("[data-seq]") ?? [])].map((line) => line.dataset.seq);
  const last = seqs.length > LINES_AGAIN ? Number(seqs.at(-LINES_AGAIN - 1)) : 0;
  return String(asked ? Math.min(last, Number(asked.dataset.seq) - 1) : last);
}

function firstSeq() {
  return Number(list()?.querySelector("[data-seq]")?.dataset.seq ?? 0);
}

function tell(event) {
  const { target, elt, parameters } = event.detail;
  if (target?.id === "lists") parameters.current = openConversation();
  if (target?.id !== "thread-lines" || parameters.before) return;
  const known = Number(after());
  parameters.after = String(Math.max(known, firstSeq() - 1));
  if (elt.id === "thread-lines")
    parameters.composer = document.getElementById("composer")?.dataset.state ?? "";
}

function swapped(event) {
  if (event.target.id !== "thread-lines") return;
  const { added, style } = event.detail;
  if (style === "merge-first" || !added.length) return;
  const own = added.some((line) => line.classList.contains("line--mine"));
  if (stick || own) toBottom();
  else pill().hidden = false;
}

// Older lines go in above; what one reads stays where it is.
function keepPlace(event) {
  if (event.detail.requestConfig?.elt?.id !== "load-earlier") return;
  const element = scroller();
  const fromEnd = element.scrollHeight - element.scrollTop;
  const settle = () => {
    element.scrollTop = element.scrollHeight - fromEnd;
  };
  element.addEventListener("resmi:swapped", settle, { once: true });
}

function watchScroll() {
  const element = scroller();
  if (!element || element.dataset.watched) return;
  element.dataset.watched = "yes";
  element.addEventListener("scroll", () => {
    stick = atBottom(element);
    if (stick) pill().hidden = true;
  });
  new ResizeObserver(() => stick && toBottom()).observe(element);
  pill().addEventListener("click", () => {
    toBottom();
    element.focus();
  });
  toBottom();
}

// Images that arrive late must not push the last line out of sight.
document.addEventListener("load", (event) => {
  if (stick && event.target.closest?.("#thread-lines")) toBottom();
}, true);

/** Wires the thread on the page; it may be replaced by another at any time. */
export function start() {
  document.body.addEventListener("htmx:configRequest", tell);
  document.body.addEventListener("htmx:beforeSwap", keepPlace);
  document.body.addEventListener("resmi:swapped", swapped);
  document.body.addEventListener("htmx:load", watchScroll);
  document.body.addEventListener("resmi:refused", catchUp);
  document.body.addEventListener("live:conversation", (event) => {
    if (event.detail.id === openConversation() && !event.detail.viewer) catchUp();
  });
  watchScroll();
}
