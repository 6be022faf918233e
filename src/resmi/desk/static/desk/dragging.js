// A conversation dragged onto an agent's card or a queue's row is moved there by the form below, as
// if it had been chosen in it. Dropped anywhere else, or on where it is, nothing happens.

const form = document.getElementById("move-form");
let dragged = null;

const target = (event) => (dragged ? event.target.closest?.("[data-to]") : null);
const isThere = (place) => place.contains(dragged) || place.dataset.to === dragged.dataset.at;

function mark(place) {
  for (const one of document.querySelectorAll("[data-over]")) if (one !== place) delete one.dataset.over;
  if (place) place.dataset.over = "";
}

function start(event) {
  dragged = event.target.closest?.("[data-drag]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector("a").textContent.trim());
  document.documentElement.classList.add("is-dragging");
}

function over(event) {
  const place = target(event);
  const fits = place && !isThere(place);
  mark(fits ? place : null);
  if (!fits) return;
  event.preventDefault(); // it may be dropped here
  event.dataTransfer.dropEffect = "move";
}

function drop(event) {
  const place = target(event);
  if (!place || isThere(place)) return;
  event.preventDefault();
  for (const box of document.querySelectorAll("input[form=move-form]"))
    box.checked = box.value === dragged.dataset.drag;
  const { to } = form.elements;
  to.value = place.dataset.to;
  if (!to.value) to.add(new Option("", place.dataset.to, true, true)); // came after the page
  form.requestSubmit();
}

function end() {
  dragged = null;
  mark(null);
  document.documentElement.classList.remove("is-dragging");
}

// A row that leaves the page while one drags it says nothing more.
function drawn() {
  if (dragged && !dragged.isConnected) end();
}

/** Listens on the whole floor, whose rows come and go. */
export function begin() {
  if (!form) return;
  document.addEventListener("dragstart", start);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", end);
  document.addEventListener("resmi:swapped", drawn);
}
