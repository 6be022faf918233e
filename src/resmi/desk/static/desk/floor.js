// The floor follows what happens on it; supervisors whisper, move ahead, and move what they have chosen.

import { open } from "../agency/dialogs.js";
import { freshToken } from "./again.js";
import "./swaps.js";
import * as dragging from "./dragging.js";
import { follow } from "./following.js";

const count = document.getElementById("move-count");

function counted() {
  if (!count) return;
  const chosen = document.querySelectorAll("input[form=move-form]:checked").length;
  count.textContent = chosen ? count.dataset.some.replace("%s", chosen) : count.dataset.none;
  count.closest("form").classList.toggle("floor__move--ready", chosen > 0);
}

document.addEventListener("change", (event) => event.target.matches("[form=move-form]") && counted());
document.addEventListener("htmx:afterSettle", counted);
document.addEventListener("click", (event) => {
  for (const name of ["whisper", "ahead"]) {
    const button = event.target.closest(`[data-${name}]`);
    if (button) ask(name, button);
  }
});

// One dialog serves all rows: it asks about the row of the button.
function ask(name, button) {
  const dialog = document.getElementById(`${name}-dialog`);
  const form = dialog.querySelector("form");
  if (form.getAttribute("action") !== button.dataset[name]) form.reset(); // words about somebody else
  form.action = button.dataset[name];
  form.elements.once.value = freshToken();
  document.getElementById(`${name}-about`).textContent = button.getAttribute("aria-label");
  open(dialog);
}

follow();
dragging.begin();
counted();
