// `/` at the start of a line lists the canned replies; arrows choose, Enter or Tab inserts.

let replies = [];
let loadedFor = "";

const box = () => document.getElementById("canned");
const field = () => document.getElementById("composer-body");
const options = () => [...box().querySelectorAll("[role=option]:not([hidden])")];

async function load() {
  const url = field().form.dataset.canned;
  if (loadedFor === url) return;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  replies = [...parsed.body.children];
  loadedFor = url;
}

// The shortcut being typed: from a slash at the start or after a blank up to the cursor.
function shortcut() {
  const text = field().value.slice(0, field().selectionStart);
  const match = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(text);
  return match ? match[1].toLowerCase() : null;
}

async function typed() {
  const wanted = shortcut();
  if (wanted === null) return hide();
  await load();
  if (shortcut() === null) return hide();
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
  const { shortcut, body } = option.dataset;
  return !shortcut.startsWith(wanted) && body.toLowerCase().includes(wanted);
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
  const end = area.selectionStart;
  const start = end - shortcut().length - 1;
  area.setRangeText(option.dataset.body, start, end, "end");
  hide();
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
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

/** Wires the canned replies on the page. */
export function start() {
  document.addEventListener("input", (event) => event.target === field() && typed());
  document.addEventListener("keydown", key, true);
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("#canned [role=option]");
    if (!option) return;
    event.preventDefault();
    insert(option);
  });
  document.addEventListener("focusout", (event) => event.target === field() && hide());
}
