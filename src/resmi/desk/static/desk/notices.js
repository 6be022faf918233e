// Notices of supervisors above the desk: fetched when one comes, goes, or its time is over.

import { refresh } from "./following.js";

const LONGEST_MS = 2 ** 31 - 1;
const AGAIN_MS = 15_000;
const strip = () => document.getElementById("desk-notices");
let timer = 0;
let leaving = null; // the notice somebody puts away just now

function untilNextEnds() {
  clearTimeout(timer);
  const ends = [...strip().children].map((one) => Date.parse(one.dataset.until) - Date.now());
  if (!ends.length) return;
  const next = Math.min(...ends);
  const wait = next > 0 ? Math.min(LONGEST_MS, Math.max(500, next)) : AGAIN_MS; // our clock is ahead
  timer = setTimeout(() => refresh(strip()), wait);
}

const dismissing = ({ detail: { requestConfig } }) => requestConfig?.path.endsWith("/dismiss/");

function sent(event) {
  if (dismissing(event)) leaving = event.detail.elt.closest("[data-notice]");
}

function refused(event) {
  if (dismissing(event) && !event.detail.successful) leaving = null;
}

/** A notice that was put away hands the focus on, whichever answer takes it away; else it is lost. */
function keepFocus() {
  if (!leaving || leaving.isConnected) return;
  leaving = null;
  if (document.activeElement !== document.body) return;
  (strip().querySelector("button") ?? document.getElementById("main")).focus();
}

/** Wires the strip on the page. */
export function start() {
  if (!strip()) return;
  const account = document.getElementById("main").dataset.user;
  document.body.addEventListener(`live:agent:${account}`, (event) => {
    if (event.detail.notice || event.detail.resync) refresh(strip());
  });
  strip().addEventListener("resmi:swapped", untilNextEnds);
  strip().addEventListener("resmi:swapped", keepFocus);
  document.body.addEventListener("htmx:beforeRequest", sent);
  document.body.addEventListener("htmx:afterRequest", refused);
  untilNextEnds();
}
