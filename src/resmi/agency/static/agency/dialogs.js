// <button data-opens="id"> opens <dialog id>, <button data-closes> closes the dialog it is in; a click
// beside the dialog closes it too, unless it has data-stays or something was typed in it. A dialog that
// arrives by htmx with data-open-on-load opens itself; with data-remove-on-close it leaves the page when
// closed. Menus (details.menu) close on Escape, on a click elsewhere and when one of their links or
// buttons was used.

/** Opens a dialog, but never over the lock. */
export function open(dialog) {
  if (!dialog || dialog.open || document.body.classList.contains("locked")) return;
  dialog.dispatchEvent(new CustomEvent("resmi:opening", { bubbles: true }));
  dialog.showModal();
}

// A pointer that went down in a dialog, to mark text, and up beside it has clicked nowhere.
let down = null;
document.addEventListener("pointerdown", (event) => (down = event.target), true);

function beside({ target }) {
  if (!target.matches?.("dialog.dialog:not([data-stays])") || down !== target) return false;
  const fields = target.querySelectorAll("textarea, input:not([type=search])");
  return [...fields].every((one) => one.value === one.defaultValue);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (beside(event)) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const used = event.target.closest(".menu__item");
    if (!menu.contains(event.target) || used) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
});

document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches?.("dialog[data-remove-on-close]")) event.target.remove();
  },
  true,
);

document.addEventListener("htmx:load", (event) => {
  const found = event.detail.elt;
  if (found.matches?.("dialog[data-open-on-load]")) open(found);
  for (const dialog of found.querySelectorAll?.("dialog[data-open-on-load]") ?? []) open(dialog);
});
