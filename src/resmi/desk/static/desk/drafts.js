// What one types is kept on the server, a second after the last key and when leaving.

const QUIET_MS = 1000;
let timer = 0;
let unsaved = null;

const phrases = () => document.getElementById("phrases").dataset;

/** Says beside the composer how the draft stands. */
export function draftState(words) {
  const shown = document.getElementById("draft-state");
  if (shown) shown.textContent = words;
}

function typed(event) {
  const field = event.target;
  if (field.id !== "composer-body" && field.name !== "mode") return;
  const form = field.form;
  unsaved = { url: form.dataset.draft, data: form, body: form.elements.body.value };
  clearTimeout(timer);
  timer = setTimeout(save, QUIET_MS);
}

/** Sends what is not saved yet; `leaving` lets the browser finish it without the page. */
export async function save(leaving = false) {
  clearTimeout(timer);
  if (!unsaved) return;
  const { url, data } = unsaved;
  unsaved = null;
  const values = new URLSearchParams({
    body: data.elements.body.value,
    mode: data.elements.mode?.value ?? "note",
    once: data.elements.once.value,
  });
  const headers = { "X-CSRFToken": data.elements.csrfmiddlewaretoken.value, "HX-Request": "true" };
  try {
    const answer = await fetch(url, { method: "POST", body: values, headers, keepalive: leaving === true });
    const due = answer.headers.get("X-Resmi-Due");
    if (due) document.body.dispatchEvent(new CustomEvent("resmi:due", { detail: due }));
    draftState(answer.ok && values.get("body") ? phrases().saved : answer.ok ? "" : phrases().unsaved);
  } catch {
    draftState(phrases().unsaved);
  }
}

// A message on its way takes its text along: an older draft must not come after it.
function forget(event) {
  if (event.detail.elt?.id !== "composer-form") return;
  clearTimeout(timer);
  unsaved = null;
}

/** Wires saving on the page. */
export function start() {
  document.addEventListener("input", typed);
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "workspace") save();
    forget(event);
  });
  addEventListener("pagehide", () => save(true));
}
