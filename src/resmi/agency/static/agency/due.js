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
}

function show(what) {
  if (what === "unlock") return showLock();
  if (what === "factor") return location.reload();
  if (!dueDialog || dueDialog.open) return undefined;
  stash();
  for (const part of dueDialog.querySelectorAll("[data-due]")) part.hidden = part.dataset.due !== what;
  const link = document.getElementById("due-sign-in");
  link.search = new URLSearchParams({ next: location.pathname + location.search });
  return dueDialog.showModal();
}

async function unlock(values) {
  const answer = await send(lockDialog.dataset.url, values);
  const error = document.getElementById("lock-error");
  error.hidden = true;
  if (answer.ok) {
    document.getElementById("lock-password").value = "";
    hideLock();
    tabs?.postMessage("unlocked");
  } else if (answer.headers.get("X-Resmi-Due")) {
    lockDialog.close();
    show(answer.headers.get("X-Resmi-Due"));
  } else {
    const { errors } = await answer.json();
    error.textContent = errors.join(" ");
    error.hidden = false;
    document.getElementById("lock-password").select();
  }
}

async function withPasskey() {
  const { url, webauthn } = lockDialog.dataset;
  if (!window.webauthnJSON) await import(webauthn);
  const asked = await fetch(url, { headers: { Accept: "application/json" } });
  const { request_options: options } = await asked.json();
  try {
    const credential = await window.webauthnJSON.get(options);
    await unlock({ credential: JSON.stringify(credential) });
  } catch {
    document.getElementById("lock-password").focus();
  }
}

async function watch() {
  if (lockDialog.open) return;
  const now = Date.now();
  if (touched > pinged && now - pinged >= PING_MS) {
    pinged = now;
    const answer = await send(lockDialog.dataset.active, {});
    if (answer.headers.get("X-Resmi-Due")) show(answer.headers.get("X-Resmi-Due"));
  } else if (now - touched >= IDLE_MS) {
    const answer = await send(lockDialog.dataset.lock, { idle: "1" });
    if (answer.status === 409) touched = now - IDLE_MS / 2;
    else if (answer.ok) {
      showLock();
      tabs?.postMessage("locked");
    } else if (answer.headers.get("X-Resmi-Due")) show(answer.headers.get("X-Resmi-Due"));
  }
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
