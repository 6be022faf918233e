// The last message can be taken back for a few seconds: a bar counts them down; `u` or Ctrl+Z (in an
// empty field) takes it back, and its text is in the composer again.

import { letter, register } from "../agency/keys.js";
import { choose, focusText } from "./composer.js";
import { draftState } from "./drafts.js";
import { openConversation } from "./thread.js";

let timer = 0;

const bar = () => document.querySelector("#undo-place .undo");
const field = () => document.getElementById("composer-body");

function take() {
  document.getElementById("undo-send")?.click();
}

// The server says how long is left whenever it draws the bar; each saying is read once.
function arrived() {
  const shown = bar();
  if (!shown?.dataset.left) return;
  clearInterval(timer);
  const ends = performance.now() + Number(shown.dataset.left);
  delete shown.dataset.left;
  const seconds = shown.querySelector("[data-seconds]");
  const tick = () => {
    const left = ends - performance.now();
    if (left > 0 && shown.isConnected) {
      seconds.textContent = String(Math.ceil(left / 1000));
      return;
    }
    clearInterval(timer);
    shown.remove();
  };
  timer = setInterval(tick, 250);
  tick();
}

function undone(event) {
  const { body: text, conversation } = event.detail;
  if (conversation !== openConversation()) return; // it waits there as a draft
  if (!text || !field()) return;
  choose("reply"); // where one may: the window may just have closed
  field().value = field().value ? `${text}\n${field().value}` : text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  draftState("");
  focusText();
}

function key(event) {
  if (letter(event) !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || !bar()) return;
  if (event.isComposing || document.querySelector("dialog:modal")) return;
  const typing = /^(INPUT|TEXTAREA)$/.test(event.target.tagName) && event.target.value;
  if (typing) return;
  event.preventDefault();
  take();
}

/** Wires taking back on the page. */
export function start() {
  register({ key: "u", label: document.getElementById("phrases").dataset.keyUndo, run: take });
  document.addEventListener("keydown", key);
  document.body.addEventListener("resmi:undone", undone);
  document.body.addEventListener("htmx:oobAfterSwap", arrived);
  document.body.addEventListener("resmi:swapped", arrived);
  document.body.addEventListener("htmx:load", arrived);
  arrived();
}
