// Moving about with the keyboard, and one column at a time on a narrow screen.

import { register } from "../agency/keys.js";
import * as canned from "./canned.js";
import { choose, focusText } from "./composer.js";
import { openConversation } from "./thread.js";

const desk = () => document.querySelector(".desk");
const click = (id) => document.getElementById(id)?.click();
const rows = () => [...document.querySelectorAll("#lists a[data-row]")];

let going = ""; // the conversation on its way to the screen

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.dataset.row === (going || openConversation()));
  const next = at < 0 ? (by > 0 ? all[0] : all.at(-1)) : all[at + by];
  if (!next) return;
  going = next.dataset.row;
  next.scrollIntoView({ block: "nearest" });
  next.click();
}

function enter() {
  const accept = document.getElementById("accept-here");
  if (accept) accept.click();
  else if (openConversation()) focusText();
  else acceptFirst();
}

function acceptFirst() {
  document.querySelector("#rows-offers [data-accept]")?.click();
}

function slash() {
  if (choose("reply") || choose("note")) {
    focusText();
    canned.open();
  }
}

function note() {
  if (choose("note")) focusText();
}

function verify() {
  if (desk().dataset.view !== "lists") show("citizen", false);
  document.getElementById("verify-query")?.focus();
}

// To the next open point of the script; from the last one to the first.
function point() {
  const all = [...document.querySelectorAll("#script [role=checkbox]:not(:disabled)")];
  if (!all.length) return;
  if (desk().dataset.view !== "lists") show("citizen", false);
  const open = all.filter((one) => one.getAttribute("aria-checked") === "false");
  const after = open.find((one) => all.indexOf(one) > all.indexOf(document.activeElement));
  (after ?? open[0] ?? all[0]).focus();
}

/** On a narrow screen shows one column: `lists`, `thread` or `citizen`. */
export function show(view, focus = true) {
  desk().dataset.view = view;
  const place = { thread: "#thread-scroller", citizen: "#citizen .conversation-head__back" }[view];
  if (focus) document.querySelector(place)?.focus();
}

function current() {
  for (const row of rows()) {
    if (row.dataset.row === openConversation()) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function changed(event) {
  if (event.detail.target?.id !== "workspace") return;
  desk().dataset.view = openConversation() ? "thread" : "lists";
  current();
  if (event.detail.requestConfig?.verb === "post") focusText();
}

/** Wires keys and columns on the page. */
export function start() {
  const label = document.getElementById("phrases").dataset;
  const keys = [
    ["j", label.keyNext, () => step(1)],
    ["k", label.keyPrevious, () => step(-1)],
    ["Enter", label.keyEnter, enter],
    ["a", label.keyAccept, acceptFirst],
    ["o", label.keyTakeOver, () => click("take-over-here")],
    ["/", label.keyCanned, slash],
    ["n", label.keyNote, note],
    ["v", label.keyVerify, verify],
    ["p", label.keyPoint, point],
    ["t", label.keyTransfer, () => click("open-transfer")],
    ["s", label.keySnooze, () => click("open-snooze")],
    ["i", label.keyInvite, () => click("open-invite")],
    ["l", label.keyLeave, () => click("leave-here")],
    ["h", label.keyHand, () => click("hand-here")],
    ["H", label.keyHandNote, () => click("open-hand")],
    ["m", label.keyMentions, () => click("open-mentions")],
    ["E", label.keyCloseSeveral, () => click("close-several")],
    ["e", label.keyClose, () => click("open-close")],
  ];
  const required = label.required ? label.required.split("\n") : [];
  for (const [at, words] of required.entries())
    keys.push([String(at + 1), words, () => click(`required-${at + 1}`)]);
  for (const [key, words, run] of keys) register({ key, label: words, run });
  document.addEventListener("click", (event) => {
    const shower = event.target.closest("[data-shows]");
    if (shower) show(shower.dataset.shows);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && event.target.closest?.("#composer, #citizen"))
      document.getElementById("thread-scroller")?.focus();
  });
  document.body.addEventListener("htmx:afterSettle", changed);
  for (const end of ["htmx:afterSettle", "htmx:sendError", "htmx:timeout", "htmx:responseError"])
    document.body.addEventListener(end, ({ detail }) => {
      if (detail.requestConfig?.target?.id === "workspace") going = "";
    });
}
