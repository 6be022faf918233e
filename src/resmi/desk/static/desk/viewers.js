// Who else has the open conversation on screen: everybody says so every quarter minute.

import { openConversation } from "./thread.js";
import { mode } from "./composer.js";

const EVERY_MS = 15_000;
const GONE_MS = 40_000;
const WRITING_MS = 6_000;
const LATE_MS = 10_000;

const me = document.querySelector(".desk")?.dataset.user ?? "";
const others = new Map();
let lastKey = 0;
let saying = false;
let owed = true;
let told = { conversation: "", writing: false, at: 0 };

const phrases = () => document.getElementById("phrases").dataset;

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

async function post({ conversation, writing = false, left = false }) {
  const values = new URLSearchParams({ conversation });
  if (writing) values.set("writing", "1");
  if (left) values.set("left", "1");
  const headers = { "X-CSRFToken": token() };
  const url = document.querySelector(".desk").dataset.here;
  const signal = AbortSignal.timeout(LATE_MS);
  const answer = await fetch(url, { method: "POST", body: values, headers, signal, keepalive: true });
  if (!answer.ok) throw new Error(String(answer.status));
}

function present() {
  return {
    conversation: openConversation(),
    writing: Date.now() - lastKey < WRITING_MS && mode() === "reply",
    at: Date.now(),
  };
}

function due(now) {
  const changed = now.conversation !== told.conversation || now.writing !== told.writing;
  return owed || changed || now.at - told.at >= EVERY_MS;
}

// One report after the other: of two on their way at once the older could come last, and stay.
async function say() {
  if (saying) return;
  saying = true;
  try {
    for (let now = present(); due(now); now = present()) {
      const before = told;
      [told, owed] = [now, false];
      if (before.conversation && before.conversation !== now.conversation)
        await post({ conversation: before.conversation, left: true });
      await post(now);
    }
  } catch {
    owed = true;
  } finally {
    saying = false;
  }
}

function heard(event) {
  const { id, viewer } = event.detail;
  if (!viewer || id !== openConversation() || String(viewer.id) === me) return;
  const stranger = !others.has(viewer.id);
  if (viewer.left) others.delete(viewer.id);
  else others.set(viewer.id, { ...viewer, at: Date.now() });
  if (stranger && !viewer.left) {
    owed = true;
    say();
  }
  draw();
}

function draw() {
  const shown = document.getElementById("viewers");
  if (!shown) return;
  const now = Date.now();
  for (const [id, { at }] of others) if (now - at > GONE_MS) others.delete(id);
  const words = [...others.values()].map(({ name, writing }) =>
    (writing ? phrases().writing : phrases().reading).replace("%s", name),
  );
  const text = words.join(" · ");
  if (shown.textContent !== text) shown.textContent = text;
  shown.hidden = !text;
}

/** Wires who-is-here on the page. */
export function start() {
  document.body.addEventListener("live:conversation", heard);
  document.addEventListener("input", (event) => {
    if (event.target.id !== "composer-body") return;
    lastKey = Date.now();
    say();
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "workspace") return;
    others.clear();
    say();
    draw();
  });
  setInterval(() => {
    say();
    draw();
  }, 3_000);
  say();
}
