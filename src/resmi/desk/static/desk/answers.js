// Which answer is drawn: of two for one place the one asked for later stays, and a dialog whose button
// has left the page does not open. What fails after its form has left the page is told all the same.

import { show } from "../agency/toasts.js";
import { refresh } from "./following.js";

const numbers = new WeakMap(); // a request → its number
const shown = new WeakMap(); // a place → the number of the request whose answer it shows
const chosen = new WeakMap(); // a place → the number of the click that asked to fill it
const acts = new WeakMap(); // what was typed or clicked → its number
let last = 0;
let act = 0;

for (const type of ["input", "click"])
  document.addEventListener(type, (event) => acts.set(event, (act += 1)), true);

// A search waits until one stops typing. What one chose meanwhile is not to be drawn over by it.
function asked(event) {
  const { requestConfig, target, xhr } = event.detail;
  const { triggeringEvent: by } = requestConfig;
  if (by?.type === "click") chosen.set(target, acts.get(by));
  if (by?.type === "input" && acts.get(by) < chosen.get(target)) {
    event.preventDefault();
    return;
  }
  last += 1;
  numbers.set(requestConfig, last);
  xhr.addEventListener("loadend", () => told(requestConfig, xhr));
}

// Older lines go in above the others, whenever they come. What an act says of itself (a text taken
// back) must not be lost, so an overtaken answer is drawn where the newest is fetched right after it.
function weighed(detail) {
  const { elt, target, verb } = detail.requestConfig;
  if (elt.getAttribute("hx-swap") === "merge-first") return;
  const number = numbers.get(detail.requestConfig);
  const gone = target.id === "dialog-place" && !elt.isConnected;
  const overtaken = number < shown.get(detail.target);
  const again = verb === "post" && detail.target.getAttribute("hx-trigger")?.includes("refresh");
  if (overtaken && again) refresh(detail.target);
  else if (gone || overtaken) detail.shouldSwap = false;
  else shown.set(detail.target, number);
}

function drawn({ detail }) {
  if (!detail.shouldSwap) return;
  weighed(detail);
  const isGone = !detail.requestConfig.elt.isConnected && detail.target.isConnected;
  if (detail.shouldSwap && isGone) drawHere(detail);
}

// htmx looks around what asked for how to draw and for the places of what comes along; once that has
// left the page it would find neither, and put the answer into its target whole.
function drawHere(detail) {
  const { requestConfig, serverResponse, target, xhr } = detail;
  detail.shouldSwap = false;
  const swapStyle = requestConfig.elt.getAttribute("hx-swap") ?? "innerHTML";
  htmx.swap(target, serverResponse, { swapStyle }, { contextElement: target, eventInfo: detail });
  const said = JSON.parse(xhr.getResponseHeader("HX-Trigger-After-Swap") ?? "{}");
  for (const [name, values] of Object.entries(said)) htmx.trigger(document.body, name, values);
}

// Events of an element that is no longer on the page reach nobody.
function told({ elt, verb }, xhr) {
  if (elt.isConnected || verb !== "post" || (xhr.status >= 200 && xhr.status < 300)) return;
  const due = xhr.getResponseHeader("X-Resmi-Due");
  if (due) document.body.dispatchEvent(new CustomEvent("resmi:due", { detail: due }));
  else show(xhr.status === 0 || xhr.status >= 500 ? "unreachable" : "refused");
}

document.body.addEventListener("htmx:beforeRequest", asked);
document.body.addEventListener("htmx:beforeSwap", drawn);
