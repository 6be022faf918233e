/** The sheet that comes up from below: attachments, list rows, what to do with a message. */
import { icon, make } from "/phone/dom.js";
import { word } from "/phone/words.js";

const dialog = document.querySelector("#sheet");
const title = document.querySelector("#sheettitle");
const body = document.querySelector("#sheetbody");

document.querySelector("#sheetclose").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

/** Shows the sheet with a title and ready-made children. */
export function open(name, ...children) {
  title.textContent = name;
  body.replaceChildren(...children);
  const frame = document.querySelector("#phone");
  const low = innerHeight - frame.getBoundingClientRect().bottom + frame.clientTop;
  dialog.style.setProperty("--low", `${low}px`);
  dialog.showModal();
  body.querySelector("button")?.focus();
}

/** A line to tap; the sheet closes first. */
export function entry(text, act, { picture = "", detail = "", ring = false } = {}) {
  const label = make("span", {}, text, detail ? make("small", { textContent: detail }) : null);
  const tap = () => {
    dialog.close();
    act();
  };
  return make("button", { type: "button", className: "entry", onclick: tap }, picture ? icon(picture) : null, label, ring ? make("i", { className: "ring" }) : null);
}

/** The rows of a list message, by section. */
export function rows(action, choose) {
  const parts = action.sections.flatMap((section) => [
    section.title ? make("h3", { textContent: section.title }) : null,
    ...section.rows.map((row) => entry(row.title, () => choose(row.id), { detail: row.description, ring: true })),
  ]);
  open(action.button, ...parts.filter(Boolean));
}

/** Emoji to react with; the one given before can be taken back. */
export function emoji(given, react) {
  const tap = (one) => {
    const on = one === given;
    const act = () => {
      dialog.close();
      react(on ? "" : one);
    };
    return make("button", { type: "button", textContent: one, "aria-pressed": String(on), "aria-label": word(on ? "unreact" : "react", { emoji: one }), onclick: act });
  };
  return make("div", { className: "emoji" }, ...["👍", "❤️", "🙏", "😂", "😮", "😢"].map(tap));
}
