// Notices in the corner. Good news leaves after eight seconds; everything else stays until dismissed.
// Texts come from <template> elements in base.html, so that they are translated.

const region = document.getElementById("toasts");
const LEAVES_MS = 8000;

/** Shows the toast in `<template id="toast-NAME">`, once. */
export function show(name) {
  const template = document.getElementById(`toast-${name}`);
  if (!template || region.querySelector(`[data-toast="${name}"]`)) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.dataset.toast = name;
  region.append(toast);
}

/** Takes the toast called `name` away. */
export function hide(name) {
  region.querySelector(`[data-toast="${name}"]`)?.remove();
}

function prepare(toast) {
  if (toast.querySelector("[data-dismiss]")) return;
  const button = document.getElementById("toast-close").content.firstElementChild.cloneNode(true);
  button.dataset.dismiss = "";
  button.addEventListener("click", () => toast.remove());
  toast.append(button);
  if (toast.matches(".toast--healthy, .toast--info")) setTimeout(() => toast.remove(), LEAVES_MS);
}

if (region) {
  region.querySelectorAll(".toast").forEach(prepare);
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) {
        if (node.matches?.(".toast")) prepare(node);
        else node.querySelectorAll?.(".toast").forEach(prepare);
      }
  }).observe(region, { childList: true });

  document.addEventListener("htmx:sendError", () => show("unreachable"));
  document.addEventListener("htmx:timeout", () => show("unreachable"));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.getResponseHeader("X-Resmi-Due")) return; // due.js says what
    show(event.detail.xhr.status === 401 ? "signed-out" : "refused");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) hide("unreachable");
  });
}
