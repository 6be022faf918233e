// The light/dark button: flips what is seen at once and stores it on the account in the background.
// Without this module the button posts its form and the server goes round auto, dark, light.

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

/** "dark" or "light": what is on the screen now. */
export function effective() {
  const chosen = root.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen;
  return prefersDark.matches ? "dark" : "light";
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const theme = effective() === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
});
