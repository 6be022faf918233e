// Keyboard shortcuts. In HTML: data-key="n" on a button, link or field; the key clicks it (focuses a
// field). Its words in the help dialog are data-key-label, else aria-label, else its text.
// In JS: register({ key: "j", label, run }), label already translated (put it in a data attribute).
// Single keys do nothing while one types in a field, with Ctrl, Alt or Meta, or when the account has
// switched them off (data-keys="off" on body). "mod+Enter" is Ctrl or Command and works everywhere.

const registered = new Map();

/** Adds a shortcut; returns a function that takes it away again. */
export function register({ key, label, run }) {
  registered.set(key, { label, run });
  return () => registered.delete(key);
}

/** The key as it is called here. Where letters are not Latin (Hangul) its place gives the name. */
export function letter({ key, code, shiftKey }) {
  if (key.length !== 1 || key <= "~" || !/^Key[A-Z]$/.test(code)) return key;
  return shiftKey ? code.at(-1) : code.at(-1).toLowerCase();
}

function name(event) {
  return event.ctrlKey || event.metaKey ? `mod+${letter(event)}` : letter(event);
}

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function elementFor(key) {
  const scope = document.querySelector("dialog:modal") ?? document;
  const found = scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`);
  return [...found].find((element) => element.checkVisibility() && !element.disabled);
}

function use(element) {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) element.focus();
  else element.click();
}

function ignored(event, key) {
  if (event.defaultPrevented || event.isComposing || event.altKey) return true;
  if (event.repeat && !/^[jk]$/.test(key)) return true; // held down, it acts once
  if (key.startsWith("mod+")) return false;
  if (document.body.dataset.keys === "off" || typing(event.target)) return true;
  const onControl = event.target.closest("a, button, summary");
  return Boolean(onControl) && (key === "Enter" || key === " ");
}

document.addEventListener("keydown", (event) => {
  const key = name(event);
  if (ignored(event, key)) return;
  const element = elementFor(key);
  const own = document.querySelector("dialog:modal") ? null : registered.get(key);
  if (!element && !own) return;
  event.preventDefault();
  if (element) use(element);
  else own.run(event);
});

function words(element) {
  const text = element.dataset.keyLabel || element.getAttribute("aria-label");
  return text || element.textContent.trim();
}

function known() {
  const rows = new Map();
  for (const [key, { label }] of registered) rows.set(key, label);
  for (const element of document.querySelectorAll("[data-key]"))
    if (element.checkVisibility()) rows.set(element.dataset.key, words(element));
  return rows;
}

document.addEventListener("resmi:opening", (event) => {
  const list = event.target.querySelector("[data-keys-list]");
  if (!list) return;
  list.replaceChildren();
  for (const [key, label] of known()) {
    const [term, value, cap] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
    term.textContent = label;
    cap.textContent = key.replace("mod+", "Ctrl ");
    value.append(cap);
    list.append(term, value);
  }
});
