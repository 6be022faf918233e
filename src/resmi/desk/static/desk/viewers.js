// Who else has the open conversation on screen: everybody says so every quarter minute.

import { openConversation } from "./thread.js";
import { mode } from "./composer.js";

const EVERY_MS = 15_000;
const GONE_MS = 40_000;
const WRITING_MS = 6_000;

const me = document.querySelector(".desk")?.dataset.user ?? "";
const others = new Map();
let lastKey = 0;
let told = { conversation: "", writing: false, at: 0 };

const phrases = () => document.getElementById("phrases").dataset;

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function post(conversation, extra = {}) {
  const values = new URLSearchParams({ conversation, ...extra });
  const headers = { "X-CSRFToken": token() };
  fetch(document.querySelector(".desk").dataset.here, { method: "POST", body: values, headers, keepalive: true }).catch(() => {});
}

function writing() {
  return Date.now() - lastKey < WRITING_MS && mode() === "reply";
}

function say(force = false) {
  const conversation = openConversation();
  const now = { conversation, writing: writing(), at: Date.now() };
  const changed = conversation !== told.conversation || now.writing !== told.writing;
  if (!force && !changed && now.at - told.at < EVERY_MS) return;
  if (told.conversation && told.conversation !== conversation) post(told.conversation, { left: "1" });
  post(conversation, now.writing ? { writing: "1" } : {});
  told = now;
}

function heard(event) {
  const { id, viewer } = event.detail;
  if (!viewer || id !== openConversation() || String(viewer.id) === me) return;
  const stranger = !others.has(viewer.id);
  if (viewer.left) others.delete(viewer.id);
  else others.set(viewer.id, { ...viewer, at: Date.now() });
  if (stranger && !viewer.left) say(true);
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
  say(true);
}
