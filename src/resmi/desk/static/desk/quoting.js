// Answering one message: `q` quotes the citizen's newest, `r` reacts to it; every line has a button.

import { register } from "../agency/keys.js";
import { choose, focusText, mode } from "./composer.js";

const find = (id) => document.getElementById(id);
const form = () => find("composer-form")?.getAttribute("action");
let quoted = null; // { of: the form's address, seq, said }

function newest(kind) {
  return [...document.querySelectorAll(`#thread-lines [data-${kind}]`)].at(-1);
}

function quote(button) {
  if (!button || !find("composer-quote") || !choose("reply")) return;
  const bubble = button.closest(".bubble");
  const said = bubble.querySelector(".bubble__text, .filecard__name")?.textContent ?? "…";
  quoted = { of: form(), seq: button.dataset.quote, said: said.trim().slice(0, 120) };
  draw();
  focusText();
}

/** Shows what is quoted; the composer may have been drawn anew. */
function draw() {
  if (!find("composer-quote")) return;
  const shown = quoted?.of === form() ? quoted : null;
  find("composer-quote").value = shown?.seq ?? "";
  find("composer-quoted").querySelector("span").textContent = shown?.said ?? "";
  find("composer-quoted").hidden = !shown;
}

function unquote() {
  quoted = null;
  draw();
}

// A quote that went with its reply is over; one chosen meanwhile stays.
function sending({ detail: { elt, xhr } }) {
  const sent = quoted;
  if (elt.id !== "composer-form" || mode() !== "reply" || sent?.of !== form()) return;
  xhr.addEventListener("loadend", () => xhr.status === 200 && quoted === sent && unquote());
}

function react(button) {
  const menu = find("react-menu");
  if (!button || !menu) return;
  find("react-seq").value = button.dataset.react;
  menu.showPopover();
  menu.querySelector("button").focus();
}

/** Wires quoting and reactions on the page. */
export function start() {
  const label = find("phrases").dataset;
  register({ key: "q", label: label.keyQuote, run: () => quote(newest("quote")) });
  register({ key: "r", label: label.keyReact, run: () => react(newest("react")) });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-quote], [data-react]");
    if (button?.dataset.quote) quote(button);
    if (button?.dataset.react) react(button);
    if (event.target.closest("#composer-unquote")) {
      unquote();
      focusText();
    }
  });
  document.body.addEventListener("htmx:beforeRequest", sending);
  document.body.addEventListener("htmx:load", draw);
  document.body.addEventListener("resmi:swapped", draw);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr?.status !== 200) return;
    if (elt?.id === "react-menu") elt.hidePopover();
  });
}
