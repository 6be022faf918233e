// A form's token is good for one act. A form that stays on the page gets a new one when it is used
// again; the same choice within two seconds is a double click, and the server does it once.

const DOUBLE_MS = 2000;
const AROUND = new Set(["once", "csrfmiddlewaretoken", "after", "composer", "current"]);
const done = new WeakMap(); // a form → { once, said, at } of its last act

const said = (values) => JSON.stringify([...values].filter(([name]) => !AROUND.has(name)));

/** A number nobody else thinks of. Pages that come without HTTPS have no `crypto.randomUUID`. */
export function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function renew({ detail: { elt, formData, parameters } }) {
  const before = done.get(elt);
  if (!before || before.once !== parameters.once) return;
  const double = before.said === said(formData) && performance.now() - before.at < DOUBLE_MS;
  if (!double) parameters.once = elt.elements.once.value = freshToken();
}

function used({ detail: { elt, requestConfig, xhr } }) {
  const { verb, parameters, formData } = requestConfig;
  if (verb !== "post" || !elt.elements?.once) return;
  const act = { once: parameters.once, said: said(formData) };
  xhr.addEventListener("load", () => xhr.status < 300 && done.set(elt, { ...act, at: performance.now() }));
}

// What was sent without an answer has arrived, and this was something else: sent again, it is done.
function another({ target, detail }) {
  const token = target.closest?.("form")?.elements.once;
  if (token && detail.code === "another") token.value = freshToken();
}

document.body.addEventListener("resmi:refused", another);
document.body.addEventListener("htmx:configRequest", renew);
document.body.addEventListener("htmx:beforeRequest", used);
