// Search: f looks in the open conversation, g and Ctrl+K everywhere; a line that was looked for is
// brought into sight and marked.

import { register } from "../agency/keys.js";
import { catchUp, stay } from "./thread.js";

const SHOWN_MS = 6000;
const thread = () => document.getElementById("thread");
const line = (seq) => document.getElementById(`line-${seq}`);

function mark(seq) {
  const found = line(seq);
  if (!found) return false;
  stay();
  found.scrollIntoView({ block: "center" });
  found.classList.add("line--found");
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
  setTimeout(() => found.classList.remove("line--found"), SHOWN_MS);
  return true;
}

// Once a thread: its number stays in the page when it is drawn again.
function arrive() {
  const { line: seq } = thread()?.dataset ?? {};
  if (!seq) return;
  delete thread().dataset.line;
  document.getElementById("desk-dialog")?.close();
  mark(seq);
}

function choose(event) {
  const hit = event.target.closest?.("#found a[data-line]");
  if (!hit || event.ctrlKey || event.metaKey || !line(hit.dataset.line)) return;
  event.preventDefault();
  event.stopPropagation();
  document.getElementById("desk-dialog")?.close();
  mark(hit.dataset.line);
}

function later() {
  const button = document.getElementById("load-later");
  if (!button) return;
  const last = document.querySelector("#thread-lines > :last-child")?.dataset.seq ?? 0;
  if (Number(last) >= Number(button.dataset.last)) button.parentElement.hidden = true;
}

/** Wires the keys, and the line the address names. */
export function start() {
  const label = document.getElementById("phrases").dataset;
  const everywhere = () => location.assign(label.search);
  register({ key: "f", label: label.keyFind, run: () => document.getElementById("open-find")?.click() });
  register({ key: "g", label: label.keySearch, run: everywhere });
  register({ key: "mod+k", label: label.keySearch, run: everywhere });
  document.addEventListener("click", choose, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#load-later")) catchUp();
  });
  document.body.addEventListener("resmi:swapped", later);
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "workspace") arrive();
  });
  arrive();
}
