// The floor follows what happens on it; supervisors whisper, and move what they have chosen.

import { open } from "../agency/dialogs.js";
import "./swaps.js";
import { follow } from "./following.js";

const count = document.getElementById("move-count");
const whisper = document.getElementById("whisper-dialog");

function counted() {
  if (!count) return;
  const chosen = document.querySelectorAll("input[form=move-form]:checked").length;
  count.textContent = chosen ? count.dataset.some.replace("%s", chosen) : count.dataset.none;
  count.closest("form").classList.toggle("floor__move--ready", chosen > 0);
}

document.addEventListener("change", (event) => event.target.matches("[form=move-form]") && counted());
document.addEventListener("htmx:afterSettle", counted);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-whisper]");
  if (!button) return;
  const form = whisper.querySelector("form");
  form.action = button.dataset.whisper;
  form.elements.once.value = crypto.randomUUID();
  document.getElementById("whisper-about").textContent = button.getAttribute("aria-label");
  open(whisper);
});

follow();
counted();
