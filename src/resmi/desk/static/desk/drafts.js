// What one types is kept on the server, a second after the last key and when leaving. Until the
// server has it, this page has it: drafts go one after the other, and those that failed go again.

import { freshToken } from "./again.js";

const QUIET_MS = 1000;
const AGAIN_MS = 5000;
const LATE_MS = 10_000;
const drafts = new Map(); // a draft's address → what was typed; `kept` since when the server has it
const page = freshToken(); // with `nth`: one that we gave up on may arrive after a newer one
let nth = 0;
let timer = 0;
let saving = false;
let said = 0; // until when the words beside the composer stay
let askedAt = 0; // when the conversation on its way to the screen was asked for

const phrases = () => document.getElementById("phrases").dataset;
const composer = () => document.getElementById("composer-form");
const owed = () => [...drafts].filter(([, one]) => !one.kept);

/** Says beside the composer how the draft stands; for `stays` ms nothing else but nothing. */
export function draftState(words, stays = 0) {
  const shown = document.getElementById("draft-state");
  if (!shown || (words && !stays && performance.now() < said)) return;
  said = performance.now() + stays;
  shown.textContent = words;
}

function tell(url, words) {
  if (composer()?.dataset.draft === url) draftState(words);
}

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function typedIn(form) {
  const { body, mode, once, csrfmiddlewaretoken: token } = form.elements;
  return { body: body.value, mode: mode?.value ?? "note", once: once.value, token: token.value, kept: 0 };
}

function keep(url, one) {
  drafts.set(url, { ...one, nth: (nth += 1) });
  plan(QUIET_MS);
}

function typed({ target }) {
  const url = target.form?.dataset.draft;
  if (url && (target.id === "composer-body" || target.name === "mode")) keep(url, typedIn(target.form));
}

function post(url, { body, mode, once, nth, token }, more) {
  const values = new FormData();
  for (const [name, value] of Object.entries({ body, mode, once, page, nth })) values.set(name, value);
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  return fetch(url, { method: "POST", body: values, headers, ...more });
}

/** Whether trying again may help; 0 stands for no answer. */
function passes(status, due) {
  return Boolean(due) || status === 0 || status === 429 || status >= 500;
}

/** Brings one draft to the server; false if it has to be tried again. */
async function bring(url, one) {
  let [status, due] = [0, null];
  try {
    const answer = await post(url, one, { signal: AbortSignal.timeout(LATE_MS) });
    status = answer.status;
    due = answer.headers.get("X-Resmi-Due");
  } catch {
    // No answer: tried again like one that says so.
  }
  if (due) document.body.dispatchEvent(new CustomEvent("resmi:due", { detail: due }));
  const newest = drafts.get(url) === one;
  const done = status >= 200 && status < 300;
  if (done) one.kept = performance.now();
  else tell(url, phrases().unsaved);
  if (done && newest) tell(url, one.body ? phrases().saved : "");
  if (done || passes(status, due)) return done;
  if (newest) drafts.delete(url);
  return true;
}

async function save() {
  clearTimeout(timer);
  if (saving) return;
  saving = true;
  let failed = false;
  for (const [url, one] of owed())
    if (drafts.get(url) === one && !(await bring(url, one))) failed = true;
  saving = false;
  if (owed().length) plan(failed ? AGAIN_MS : QUIET_MS);
}

/** The page goes: the browser brings what is left without it. */
function leave() {
  for (const [url, one] of owed()) post(url, one, { keepalive: true }).catch(() => {});
}

// A message on its way takes its text along; if it does not arrive, the text is a draft again. Its
// conversation may have left the screen by then, so the request itself is listened to.
function sending({ detail: { elt, xhr } }) {
  if (elt.id !== "composer-form") return;
  const url = elt.dataset.draft;
  const said = typedIn(elt);
  drafts.delete(url);
  xhr.addEventListener("loadend", () => {
    const sent = xhr.status === 200 && said.mode !== "template";
    const newer = drafts.get(url);
    if (sent && newer) keep(url, { ...newer, body: leftOf(newer.body, said.body), once: "", kept: 0 });
    if (!sent && !newer && said.body) keep(url, said);
  });
}

/** What of `text` was typed after `sent` had been sent. */
export function leftOf(text, sent) {
  return text.startsWith(sent) ? text.slice(sent.length) : text;
}

// A conversation that was asked for before its draft had arrived comes with an older one.
function arrived({ detail: { elt } }) {
  const form = composer();
  const one = form && drafts.get(form.dataset.draft);
  if (!one || elt.id !== "thread" || (one.kept && one.kept < askedAt)) return;
  form.elements.body.value = one.body;
  const mode = form.querySelector(`input[name=mode][value=${one.mode}]`);
  if (mode && !mode.disabled) mode.checked = true;
}

/** Wires saving on the page. */
export function start() {
  document.addEventListener("input", typed);
  document.body.addEventListener("htmx:beforeRequest", sending);
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.target?.id !== "workspace") return;
    askedAt = performance.now();
    save();
  });
  document.body.addEventListener("htmx:load", arrived);
  addEventListener("pagehide", leave);
  const field = document.getElementById("composer-body");
  if (field && field.value !== field.defaultValue) keep(field.form.dataset.draft, typedIn(field.form));
}
