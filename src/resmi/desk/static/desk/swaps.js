// htmx learns three swaps: `morph` (element into its newer version), `merge` and `merge-first`
// (keyed lines into a list), and where the reason of a refused action is shown.

import "./again.js";
import "./answers.js";
import { morph, offeredValue, upsert } from "./morph.js";

htmx.defineExtension("resmi-swaps", {
  isInlineSwap: (style) => style === "morph",
  handleSwap(style, target, fragment) {
    const added = swap(style, target, fragment);
    if (!added) return false;
    htmx.process(target);
    target.dispatchEvent(
      new CustomEvent("resmi:swapped", { bubbles: true, detail: { added, style } }),
    );
    return [target];
  },
});

function swap(style, target, fragment) {
  if (style === "morph") {
    const fresh = fragment.firstElementChild;
    return fresh ? morph(target, fresh) : [];
  }
  if (style === "merge") return upsert(target, fragment);
  if (style === "merge-first") return upsert(target, fragment, true);
  return null;
}

// Status 409: refused. What was typed stays; the reason appears beside it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (detail.xhr.status !== 409) return;
  detail.shouldSwap = true;
  detail.isError = false;
  detail.target = refusalPlace(detail.requestConfig.elt);
  detail.swapOverride = "innerHTML";
});

// A form in what its own answer changes: what was sent has arrived, so its fields show what the
// server offers now; what was typed since stays.
const FIELDS = "input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select";
const sent = new WeakMap();

document.body.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (elt.matches("form[hx-swap=morph]"))
    sent.set(elt, new Map([...elt.querySelectorAll(FIELDS)].map((one) => [one, one.value])));
});

// An act that succeeded takes the old reason away and closes the dialog it was in.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (!xhr || requestConfig?.verb !== "post" || xhr.status >= 300 || xhr.status < 200) return;
  for (const [field, value] of sent.get(requestConfig.elt) ?? [])
    if (field.value === value) field.value = offeredValue(field);
  refusalPlace(requestConfig.elt)?.replaceChildren();
  requestConfig.elt.closest("dialog")?.close();
});

// No answer: it may have been done all the same, and the form's token makes a second try harmless.
for (const name of ["htmx:sendError", "htmx:timeout"])
  document.body.addEventListener(name, (event) => {
    const words = document.getElementById("said-no-answer");
    if (event.detail.requestConfig?.verb !== "post" || !words) return;
    refusalPlace(event.detail.elt)?.replaceChildren(words.content.cloneNode(true));
  });

function refusalPlace(element) {
  const near = element?.closest("[data-refusals]")?.querySelector("[data-refusal]");
  return near?.isConnected ? near : document.getElementById("notice");
}
