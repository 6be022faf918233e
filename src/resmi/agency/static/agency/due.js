// What a session still has to do before it goes on: sign in again, unlock, or load a stale page.
// The server says so in X-Resmi-Due (sign-in, unlock, reload, factor). What was typed stays: under
// the lock the page itself, else in this tab's storage until the same account opens the page again.

const body = document.body;
const IDLE_MS = Number(body.dataset.idle || 0) * 60_000;
const PING_MS = 45_000;
const STORE = "resmi.typed";
const lockDialog = document.getElementById("lock-dialog");
const dueDialog = document.getElementById("due-dialog");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("resmi-lock") : null;
let touched = Date.now();
let pinged = Date.now();

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

function send(url, values) {
  const headers = { Accept: "application/json", "HX-Request": "true", "X-CSRFToken": token() };
  return fetch(url, { method: "POST", headers, body: new URLSearchParams(values) });
}

/** Keeps the text of every named field that has any, for `restore`. */
function stash() {
  const typed = {};
  for (const field of document.querySelectorAll("textarea[id], input[type=search][id]"))
    if (field.value) typed[field.id] = field.value;
  sessionStorage.setItem(
    STORE,
    JSON.stringify({ path: location.pathname, account: body.dataset.account, typed }),
  );
}

/** Puts back what was typed before the session ended, if the same account is at the same page. */
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
  if (!kept || !body.dataset.account) return;
  if (kept.account !== body.dataset.account) sessionStorage.removeItem(STORE);
  if (kept.account !== body.dataset.account || kept.path !== location.pathname) return;
  sessionStorage.removeItem(STORE);
  for (const [id, text] of Object.entries(kept.typed)) {
    const field = document.getElementById(id);
    if (!field || field.value === text) continue;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (id === "composer-body") field.focus();
  }
}

/** Says in the lock what went wrong; without words it takes that away. */
function sayLock(words = "") {
  const error = document.getElementById("lock-error");
  error.textContent = words;
  error.hidden = !words;
}

const toast = (name) => document.getElementById(`toast-${name}`).content.textContent.trim();

function showLock() {
  if (!lockDialog || lockDialog.open) return;
  body.classList.add("locked");
  lockDialog.showModal();
  document.getElementById("lock-password").focus();
}

function hideLock() {
  touched = pinged = Date.now();
  body.classList.remove("locked");
  lockDialog?.close();
  body.dispatchEvent(new CustomEvent("resmi:unlocked"));
}

function show(what) {
  if (what === "unlock") return showLock();
  if (what === "factor") {
    stash();
    return location.reload();
  }
  if (!dueDialog || dueDialog.open) return undefined;
  stash();
  for (const part of dueDialog.querySelectorAll("[data-due]")) part.hidden = part.dataset.due !== what;
  const link = document.getElementById("due-sign-in");
  link.search = new URLSearchParams({ next: location.pathname + location.search });
  return dueDialog.showModal();
}

async function unlock(values) {
  const password = document.getElementById("lock-password");
  const answer = await send(lockDialog.dataset.url, values).catch(() => null);
  const due = answer?.headers.get("X-Resmi-Due");
  if (answer?.ok) {
    sayLock();
    password.value = "";
    hideLock();
    tabs?.postMessage("unlocked");
  } else if (due) {
    lockDialog.close();
    show(due);
  } else {
    const said = answer?.status === 422 ? await answer.json().catch(() => null) : null;
    sayLock(said?.errors.join(" ") || toast(answer ? "refused" : "unreachable"));
    password.select();
  }
}

async function withPasskey() {
  const { url, webauthn } = lockDialog.dataset;
  let options;
  try {
    if (!window.webauthnJSON) await import(webauthn);
    const asked = await fetch(url, { headers: { Accept: "application/json" } });
    options = (await asked.json()).request_options;
  } catch {
    return sayLock(toast("unreachable"));
  }
  const credential = await window.webauthnJSON.get(options).catch(() => null);
  if (credential) return unlock({ credential: JSON.stringify(credential) });
  return document.getElementById("lock-password").focus(); // thought better of it
}

/** Says that somebody is there; a word that got lost is said again. */
async function ping(now) {
  pinged = now;
  const answer = await send(lockDialog.dataset.active, {}).catch(() => (pinged = 0));
  const due = answer?.headers?.get("X-Resmi-Due");
  if (due) show(due);
}

/** Locks what nobody touches. A server that does not answer keeps no page open. */
async function lock(now) {
  const answer = await send(lockDialog.dataset.lock, { idle: "1" }).catch(() => null);
  const due = answer?.headers.get("X-Resmi-Due");
  if (answer?.status === 409) touched = now - IDLE_MS / 2;
  else if (due) show(due);
  else showLock();
  if (answer?.ok) tabs?.postMessage("locked");
}

let watching = false;
async function watch() {
  const now = Date.now();
  if (lockDialog.open || watching) return;
  watching = true;
  if (touched > pinged && now - pinged >= PING_MS) await ping(now);
  else if (now - touched >= IDLE_MS) await lock(now);
  watching = false;
}

if (lockDialog) {
  document.getElementById("lock-form").addEventListener("submit", (event) => {
    event.preventDefault();
    unlock({ password: document.getElementById("lock-password").value });
  });
  document.getElementById("lock-passkey").addEventListener("click", withPasskey);
  document.getElementById("due-reload").addEventListener("click", () => location.reload());
  for (const dialog of [lockDialog, dueDialog])
    dialog.addEventListener("cancel", (event) => event.preventDefault());
  tabs?.addEventListener("message", ({ data }) => (data === "locked" ? showLock() : hideLock()));
  if (IDLE_MS) {
    for (const sign of ["pointerdown", "keydown", "wheel", "touchstart"])
      addEventListener(sign, () => (touched = Date.now()), { passive: true });
    setInterval(watch, Math.min(IDLE_MS / 4, 15_000));
  }
  restore();
}
body.addEventListener("resmi:due", (event) => show(event.detail));
body.addEventListener("htmx:responseError", (event) => {
  const due = event.detail.xhr?.getResponseHeader("X-Resmi-Due");
  if (due) show(due);
});
