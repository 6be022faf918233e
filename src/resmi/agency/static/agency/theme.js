// The light/dark button: flips what is seen at once and stores it on the account in the background.
// Without this module the button posts its form and the server goes round auto, dark, light.

import { show } from "./toasts.js";

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let storing = false;
let stored = "";

/** "dark" or "light": what is on the screen now. */
export function effective() {
  const chosen = root.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen;
  return prefersDark.matches ? "dark" : "light";
}

/** Stores what is seen, one after the other: of two at once the older could come last, and stay. */
async function store(form) {
  if (storing) return;
  storing = true;
  try {
    while (stored !== root.dataset.theme) {
      const body = new FormData(form);
      const theme = root.dataset.theme;
      body.set("theme", theme);
      const headers = { Accept: "application/json", "HX-Request": "true" };
      const answer = await fetch(form.action, { method: "POST", body, headers, keepalive: true });
      const due = answer.headers.get("X-Resmi-Due");
      if (due) document.body.dispatchEvent(new CustomEvent("resmi:due", { detail: due }));
      else if (!answer.ok) show("refused");
      if (!answer.ok) return;
      stored = theme;
    }
  } catch {
    show("unreachable");
  } finally {
    storing = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  root.dataset.theme = effective() === "dark" ? "light" : "dark";
  store(form);
});
