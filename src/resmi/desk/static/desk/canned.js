// `/` lists the canned replies, `@` in a note the colleagues; arrows choose, Enter or Tab inserts.

import { show as toast } from "../agency/toasts.js";
import { mode } from "./composer.js";

// What is typed after the mark, up to the cursor; names have blanks in them.
const KINDS = [
  { list: "canned", pattern: /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u, fits: () => true },
  { list: "colleagues", pattern: /(?:^|\s)@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]*){0,2})$/u, fits: () => mode() === "note" },
];
let loaded = new Map();

const box = () => document.getElementById("canned");
const field = () => document.getElementById("composer-body");
const options = () => [...box().querySelectorAll("[role=option]:not([hidden])")];

async function load(kind) {
  const url = field().form.dataset[kind.list];
  const fresh = loaded; // until it is forgotten, also while an answer is on its way
  if (fresh.has(url)) return fresh.get(url);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  const due = answer?.headers.get("X-Resmi-Due");
  if (due) document.body.dispatchEvent(new CustomEvent("resmi:due", { detail: due }));
  else if (!answer?.ok) toast(answer ? "refused" : "unreachable");
  if (!answer?.ok) return null;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  fresh.set(url, [...parsed.body.children]);
  return fresh.get(url);
}

// What is being typed after a mark: its kind and the word, or null.
function asked() {
  const text = field().value.slice(0, field().selectionStart);
  for (const kind of KINDS) {
    const match = kind.pattern.exec(text);
    if (match && kind.fits()) return { kind, word: match[1].toLowerCase() };
  }
  return null;
}

async function typed() {
  const [area, before] = [field(), asked()];
  if (!before) return hide();
  const replies = await load(before.kind);
  if (field() !== area) return undefined; // another conversation's by now
  const wanted = asked()?.word;
  if (!replies || wanted === undefined || asked().kind !== before.kind) return hide();
  box().replaceChildren(...replies.map((reply) => reply.cloneNode(true)));
  const all = [...box().querySelectorAll("[role=option]")];
  const fitting = [
    ...all.filter((option) => option.dataset.shortcut.startsWith(wanted)),
    ...all.filter((option) => inside(option, wanted)),
  ];
  if (all.length && !fitting.length) return hide();
  for (const option of all) option.hidden = !fitting.includes(option);
  box().querySelector("[role=listbox]")?.prepend(...fitting);
  for (const option of all)
    option.setAttribute("aria-selected", String(option === fitting[0]));
  box().hidden = false;
  mark();
}

function inside(option, wanted) {
  const { shortcut, body, also = "" } = option.dataset;
  return !shortcut.startsWith(wanted) && `${also} ${body.toLowerCase()}`.includes(wanted);
}

function mark() {
  const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
  field().setAttribute("aria-controls", "canned-list");
  if (chosen) field().setAttribute("aria-activedescendant", chosen.id);
  chosen?.scrollIntoView({ block: "nearest" });
}

function hide() {
  if (box()) box().hidden = true;
  field()?.removeAttribute("aria-activedescendant");
}

function move(step) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = all[(at + step + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === next));
  mark();
}

function insert(option) {
  const area = field();
  const said = asked();
  if (!said) return hide(); // the cursor has gone elsewhere
  if (option.getAttribute("aria-disabled") === "true") return;
  const used = document.getElementById("composer-canned");
  if (option.dataset.counted && used) used.value = `${used.value} ${option.dataset.counted}`.trim();
  const end = area.selectionStart;
  const start = end - said.word.length - 1;
  area.setRangeText(option.dataset.body, start, end, "end");
  hide();
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// Enter ends a syllable of Hangul first; that it would break the line as well is what comes here.
function broken(event) {
  if (event.target !== field() || event.inputType !== "insertLineBreak" || box()?.hidden !== false) return;
  event.preventDefault();
  const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
  if (chosen) insert(chosen);
}

function key(event) {
  if (event.target !== field() || !box() || box().hidden || event.isComposing) return;
  const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
  const act = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape: hide,
    Enter: () => chosen && insert(chosen),
    Tab: () => chosen && insert(chosen),
  }[event.ctrlKey || event.metaKey ? "" : event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/** Opens the list for an empty or new word: the `/` key outside the field. */
export function open() {
  const area = field();
  if (!area) return;
  const glue = area.value && !/\s$/.test(area.value) ? " /" : "/";
  area.value += glue;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// What was said meanwhile may fill in more.
function forget(event) {
  const { requestConfig, successful } = event.detail;
  if (successful && requestConfig?.verb === "post") loaded = new Map();
}

/** Wires the canned replies on the page. */
export function start() {
  document.addEventListener("input", (event) => event.target === field() && typed());
  document.addEventListener("keydown", key, true);
  document.addEventListener("beforeinput", broken);
  document.body.addEventListener("htmx:afterRequest", forget);
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("#canned [role=option]");
    if (!option) return;
    event.preventDefault();
    insert(option);
  });
  document.addEventListener("focusout", (event) => event.target === field() && hide());
}
