// Answering one message: `q` quotes the citizen's newest, `r` reacts to it; every line has a button.

import { register } from "../agency/keys.js";
import { choose, focusText } from "./composer.js";

const find = (id) => document.getElementById(id);

function newest(kind) {
  return [...document.querySelectorAll(`#thread-lines [data-${kind}]`)].at(-1);
}

function quote(button) {
  if (!button || !find("composer-quote") || !choose("reply")) return;
  const bubble = button.closest(".bubble");
  find("composer-quote").value = button.dataset.quote;
  const said = bubble.querySelector(".bubble__text, .filecard__name")?.textContent ?? "…";
  find("composer-quoted").querySelector("span").textContent = said.trim().slice(0, 120);
  find("composer-quoted").hidden = false;
  focusText();
}

function unquote() {
  if (!find("composer-quote")) return;
  find("composer-quote").value = "";
  find("composer-quoted").hidden = true;
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
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (xhr?.status !== 200) return;
    if (elt?.id === "composer-form") unquote();
    if (elt?.id === "react-menu") elt.hidePopover();
  });
}
