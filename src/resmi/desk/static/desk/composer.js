// The composer: modes, sending, drafts, canned replies, templates, editing what failed.

import { catchUp } from "./thread.js";
import { draftState, leftOf } from "./drafts.js";

const find = (id) => document.getElementById(id);
const body = () => find("composer-body");
const form = () => find("composer-form");

/** The chosen mode: reply, note or template. */
export function mode() {
  return form()?.querySelector("input[name=mode]:checked")?.value ?? "";
}

/** Chooses a mode and puts the cursor where one writes; false if it can't be chosen. */
export function choose(name) {
  const radio = find(`mode-${name}`);
  if (!radio || radio.disabled) return false;
  const folded = find("composer-note");
  if (folded) folded.open = true;
  radio.checked = true;
  modeChanged();
  return true;
}

/** Puts the cursor into the text, at its end. */
export function focusText() {
  const field = mode() === "template" ? find("template-choice") : body();
  field?.focus();
  if (field === body()) field?.setSelectionRange(field.value.length, field.value.length);
}

function modeChanged() {
  const field = body();
  const picker = find("template-picker");
  if (!field) return;
  const chosen = mode();
  field.placeholder = field.dataset[`${chosen}Placeholder`] ?? "";
  if (chosen === "template" && picker) htmx.trigger(picker, "pick");
  find("composer").dataset.mode = chosen;
}

function count() {
  const field = body();
  const shown = find("composer-count");
  if (!shown || !field) return;
  const letters = [...field.value].length;
  shown.textContent = letters > 800 ? letters.toLocaleString(document.documentElement.lang) : "";
}

// A reply that was accepted leaves the field, also one that was drawn anew meanwhile; what one typed
// since stays.
function beforeSend({ detail: { elt, xhr } }) {
  if (elt !== form()) return;
  const said = { to: elt.getAttribute("action"), body: body().value, mode: mode() };
  xhr.addEventListener("loadend", () => xhr.status === 200 && accepted(said));
}

function accepted(said) {
  if (form()?.getAttribute("action") !== said.to) return;
  if (said.mode === "template") templateChosen();
  else body().value = leftOf(body().value, said.body);
  const used = find("composer-canned");
  if (used) used.value = "";
  draftState("");
  count();
  modeChanged();
  if (document.activeElement === document.body) focusText();
}

function send(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (!event.target.closest?.("#composer-form")) return;
  event.preventDefault();
  form().requestSubmit();
}

function edit(event) {
  const button = event.target.closest("[data-edit]");
  if (!button || !choose("reply")) return;
  const field = body();
  field.value = field.value ? `${field.value}\n${button.dataset.edit}` : button.dataset.edit;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  focusText();
}

function templateChosen() {
  const option = find("template-choice")?.selectedOptions[0];
  const fields = find("template-fields");
  if (!option || !fields) return;
  const names = option.dataset.names ? option.dataset.names.split("\n") : [];
  fields.replaceChildren(...names.map((name, at) => valueField(fields, name, at + 1)));
  preview();
}

function valueField(fields, name, place) {
  const label = document.createElement("label");
  label.className = "field";
  const input = document.createElement("input");
  Object.assign(input, { name: `value_${place}`, required: true, maxLength: 500, autocomplete: "off" });
  input.dataset.variable = name;
  label.append(fields.dataset.label.replace("%s", name), input);
  return label;
}

function preview() {
  const option = find("template-choice")?.selectedOptions[0];
  const shown = find("template-preview");
  if (!option || !shown) return;
  let text = option.dataset.body;
  for (const input of find("template-fields").querySelectorAll("input"))
    text = text.replaceAll(`{{${input.dataset.variable}}}`, input.value || `[${input.dataset.variable}]`);
  shown.textContent = text;
}

// When the window closes while one writes, the composer must say so without being asked; where our
// clock is ahead of the server's, it is asked until it says so.
const AGAIN_MS = 30_000;
let closing = 0;
function watchWindow() {
  clearTimeout(closing);
  const { closes, state } = find("composer")?.dataset ?? {};
  const left = Date.parse(closes ?? "") - Date.now();
  if (left > 0 && left < 86_400_000) closing = setTimeout(catchUp, left + 500);
  if (left <= 0 && state.startsWith("reply:")) closing = setTimeout(catchUp, AGAIN_MS);
}

function arrived() {
  if (!form()) return;
  modeChanged();
  count();
  watchWindow();
  if (find("template-choice") && !find("template-preview").textContent) templateChosen();
}

/** Wires the composer on the page; it may be replaced by another at any time. */
export function start() {
  document.body.addEventListener("htmx:beforeRequest", beforeSend);
  document.body.addEventListener("htmx:load", arrived);
  document.body.addEventListener("resmi:swapped", arrived);
  document.addEventListener("keydown", send);
  document.addEventListener("click", edit);
  document.addEventListener("input", (event) => {
    if (event.target === body()) count();
    if (event.target.closest("#template-fields")) preview();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "mode") modeChanged();
    if (event.target.id === "template-choice") templateChosen();
  });
  arrived();
}
