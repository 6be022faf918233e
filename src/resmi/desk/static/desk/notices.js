// Notices of supervisors above the desk: fetched when one comes, goes, or its time is over.

import { refresh } from "./following.js";

const LONGEST_MS = 2 ** 31 - 1;
const AGAIN_MS = 15_000;
const strip = () => document.getElementById("desk-notices");
let timer = 0;

function untilNextEnds() {
  clearTimeout(timer);
  const ends = [...strip().children].map((one) => Date.parse(one.dataset.until) - Date.now());
  if (!ends.length) return;
  const next = Math.min(...ends);
  const wait = next > 0 ? Math.min(LONGEST_MS, Math.max(500, next)) : AGAIN_MS; // our clock is ahead
  timer = setTimeout(() => refresh(strip()), wait);
}

/** A notice that was put away hands the focus on, else it would be lost. */
function keepFocus(event) {
  const { requestConfig } = event.detail;
  if (!requestConfig?.path.endsWith("/dismiss/") || document.activeElement !== document.body) return;
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
  document.body.addEventListener("htmx:afterRequest", keepFocus);
  untilNextEnds();
}
