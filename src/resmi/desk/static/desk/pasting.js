// Pasted text arrives as text, whatever the clipboard held, and never longer than the field takes.

import { draftState } from "./drafts.js";

const READ_MS = 10_000;

/** Wires pasting on the page. */
export function start() {
  document.addEventListener("paste", (event) => {
    const field = event.target;
    const clipboard = event.clipboardData;
    if (field.id !== "composer-body" || !clipboard || clipboard.files.length) return;
    const text = plain(clipboard);
    const room = field.maxLength - field.value.length + field.selectionEnd - field.selectionStart;
    const words = document.getElementById("phrases").dataset;
    if (text.length <= room && clipboard.getData("text/plain")) return;
    event.preventDefault();
    field.setRangeText(text.slice(0, room), field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (text.length <= room) return;
    const most = field.maxLength.toLocaleString(document.documentElement.lang);
    draftState(words.cut.replace("%s", most), READ_MS);
  });
}

// Tags are cut out before anything is parsed: nothing of a foreign page comes to life here.
function plain(clipboard) {
  const text = clipboard.getData("text/plain");
  if (text) return text;
  const bare = clipboard
    .getData("text/html")
    .replace(/<(script|style|template|title)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi, "")
    .replace(/<br\b[^>]*>|<\/(p|div|li|tr|h[1-6])\s*>/gi, "\n")
    .replace(/<[^>]*>/g, "");
  const read = new DOMParser().parseFromString(bare, "text/html").body.textContent;
  return read.replace(/[ \t]+/g, " ").replace(/ *\n\s*/g, "\n").trim();
}
