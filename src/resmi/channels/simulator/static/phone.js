/** The phone: who holds it, what the chat shows, and what happens when something arrives. */
import * as api from "/phone/api.js";
import { row, summary, visible } from "/phone/bubbles.js";
import * as composer from "/phone/composer.js";
import { make } from "/phone/dom.js";
import * as sheet from "/phone/sheet.js";
import { language, speak, word } from "/phone/words.js";

const at = (id) => document.querySelector(`#${id}`);
const log = at("log");
const query = new URLSearchParams(location.search);
const people = new Map();
const unread = new Map();
const messages = new Map();
let number = null;
let me = null;
let typingUntil = 0;
let webhook = null;
let live = true;
let serial = 0;
let arrived = new Map();
let missed = [];
let starting = Promise.resolve();

// Who holds the phone

function drawPeople() {
  at("people").setAttribute("aria-label", word("chooseCitizen"));
  const list = [...people.values()].map((one, index) => {
    const count = unread.get(one.key) ?? 0;
    const face = make("span", { className: `face tone${index % 4}`, textContent: [...one.name][0], "aria-hidden": "true" });
    const name = make("span", { className: "name" }, one.name, make("small", { textContent: handle(one) }));
    const badge = count ? make("span", { className: "count", textContent: count, title: word("unread", { count }) }) : null;
    const button = make("button", { type: "button", className: "person", "aria-pressed": String(one.key === me?.key), onclick: () => hold(one.key).catch(told) }, face, name, badge);
    button.dataset.language = one.language;
    button.dataset.key = one.key;
    return button;
  });
  const focused = document.activeElement?.dataset?.key;
  at("people").replaceChildren(...list);
  at("people").querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focused) at("people").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

const handle = (one) => (one.hidden && !one.username ? word("usernameOnly") : one.username ? `@${one.username}` : `+${one.phone}`);

function drawHead() {
  at("businessname").textContent = number.name;
  at("me").textContent = me.name;
  const typing = Date.now() < typingUntil;
  at("presence").textContent = word(typing ? "typing" : "online");
  at("typing").hidden = !typing;
  document.title = number.name;
}

async function hold(key) {
  if (me && me.key !== key) {
    lookAway();
    messages.clear();
  }
  me = people.get(key) ?? [...people.values()][0];
  unread.delete(me.key);
  typingUntil = 0;
  composer.answer(null);
  setLanguage(query.get("lang") ?? me.language);
  await reload();
  lookAt();
}

const lookAt = () => me && !document.hidden && api.change(me.key, { open_chat: number.id }).catch(() => {});
const lookAway = () => me && api.change(me.key, { open_chat: "" }).catch(() => {});

function setLanguage(tag) {
  speak(tag);
  at("language").value = language();
  drawPeople();
  drawHead();
  drawBanner();
  drawAll();
}

// Another may hold the phone by the time the thread comes; what arrived meanwhile is newer than it.
async function reload() {
  const mine = (arrived = new Map());
  const thread = await api.getThread(me.key, number.id);
  if (arrived !== mine) return;
  messages.clear();
  for (const message of thread.messages) messages.set(message.id, message);
  for (const message of mine.values()) messages.set(message.id, message);
  drawAll();
  log.scrollTop = log.scrollHeight;
}

// The chat

const acts = {
  choose: (message, id) => send({ type: "choice", message: message.id, id }, chosen(message, id)),
  list: (message) => sheet.rows(message.content.interactive.action, (id) => acts.choose(message, id)),
  locate: (message) => composer.locate(me.language, message.id),
  share: (message) => send({ type: "contact_request", message: message.id }),
  played: (message) => api.played(me.key, message.id).catch(() => {}),
  retry: (message) => {
    messages.delete(message.id);
    at(`m${CSS.escape(message.id)}`)?.remove();
    message.again();
  },
  show: (message) => document.getElementById(`m${message.id}`)?.scrollIntoView({ block: "center" }),
  menu,
};

function chosen(message, id) {
  const action = message.content.interactive?.action;
  const reply = action?.buttons?.map((one) => one.reply).find((one) => one.id === id) ?? action?.sections?.flatMap((one) => one.rows).find((one) => one.id === id);
  return { text: { body: reply?.title ?? message.rendered?.buttons.find((one) => one.payload === id)?.text ?? id } };
}

function menu(message) {
  const own = message.direction === "in";
  const react = (emoji) => send({ type: "reaction", message: message.id, emoji });
  const entries = [sheet.emoji(message.reactions.citizen, react), sheet.entry(word("reply"), () => composer.answer(message), { picture: "reply" })];
  if (own && message.type === "text") entries.push(sheet.entry(word("edit"), () => composer.answer(message, true), { picture: "pencil" }));
  if (own) entries.push(sheet.entry(word("delete"), () => send({ type: "revoke", message: message.id }), { picture: "bin" }));
  sheet.open(summary(message).slice(0, 60), ...entries);
}

function shown() {
  return [...messages.values()].filter(visible).sort((a, b) => a.at - b.at);
}

function draw(message, before) {
  const near = before && before.direction === message.direction && message.at - before.at < 120;
  return row(message, { next: near, quoted: messages.get(message.reply_to), business: number.name, acts });
}

function drawAll() {
  const parts = [];
  let before = null;
  let day = "";
  for (const message of shown()) {
    const date = new Date(message.at * 1000).toDateString();
    if (date !== day) {
      parts.push(make("p", { className: "day", textContent: dayName(date) }));
      before = null;
    }
    day = date;
    parts.push(draw(message, before));
    before = message;
  }
  at("messages").replaceChildren(...parts);
}

const dayName = (date) => (date === new Date().toDateString() ? word("today") : new Date(date).toLocaleDateString(language(), { dateStyle: "long" }));

function upsert(message) {
  const known = messages.get(message.id);
  const bottom = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  messages.set(message.id, message);
  arrived.set(message.id, message);
  if (!visible(message)) return;
  const element = document.getElementById(`m${message.id}`);
  const list = shown().filter((one) => one === message || !one.pending);
  const place = list.findIndex((one) => one.id === message.id);
  if (known && element) element.replaceWith(draw(message, list[place - 1]));
  else if (place === list.length - 1 && list.length > 1) at("messages").append(draw(message, list[place - 1]));
  else drawAll();
  if (bottom || message.direction === "in") log.scrollTop = log.scrollHeight;
  at("down").hidden = bottom || message.direction === "in";
}

// Sending

async function send(said, preview = null, prepare = async () => said) {
  const who = me;
  const pending = preview && { id: `pending${(serial += 1)}`, direction: "in", at: Date.now() / 1000, type: Object.keys(preview)[0], content: preview, reply_to: said.reply_to ?? said.message ?? "", steps: [], reactions: {}, pending: true };
  if (pending) upsert(pending);
  try {
    const message = await api.say(who.key, { ...(await prepare()), number: number.id });
    forget(pending);
    if (who === me && message.type && !messages.get(message.id)?.steps.length) upsert(message);
  } catch (error) {
    if (pending && who === me) {
      upsert({ ...pending, unsent: true, again: () => send(said, preview, prepare) });
    }
    at("said").textContent = error.message;
  }
}

/** What was drawn ahead of the answer for this message, if its arrival is heard of first. */
function pendingOf(message) {
  const waits = (one) => one.pending && !one.unsent && summary(one) === summary(message);
  return [...messages.values()].find(waits);
}

function forget(pending) {
  if (!pending) return;
  messages.delete(pending.id);
  arrived.delete(pending.id);
  document.getElementById(`m${pending.id}`)?.remove();
}

// What arrives

const arrivals = {
  message({ message }) {
    if (message.number !== number.id) return;
    if (message.citizen === me.key) {
      if (message.direction === "out") stopTyping();
      else if (!messages.has(message.id)) forget(pendingOf(message));
      upsert(message);
    } else if (message.direction === "out" && message.status === "sent" && visible(message)) {
      unread.set(message.citizen, (unread.get(message.citizen) ?? 0) + 1);
      drawPeople();
    }
  },
  typing(event) {
    if (event.citizen !== me.key) return;
    typingUntil = Date.now() + event.seconds * 1000;
    const bottom = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    drawHead();
    if (bottom) log.scrollTop = log.scrollHeight;
    setTimeout(drawHead, event.seconds * 1000 + 50);
  },
  webhook(event) {
    webhook = event.webhook;
    drawBanner();
  },
  citizen({ citizen }) {
    const known = people.get(citizen.key);
    people.set(citizen.key, citizen);
    if (me.key === citizen.key) me = citizen;
    if (!known || handle(known) !== handle(citizen) || known.name !== citizen.name) drawPeople();
  },
  reset: again,
  lost: again,
};

function stopTyping() {
  typingUntil = 0;
  drawHead();
}

// How the line to Resmi stands

function drawBanner() {
  const [problem, remedy, values] = trouble();
  at("banner").hidden = !problem;
  if (!problem) return;
  at("banner").replaceChildren(make("b", { textContent: word(problem, values) }), word(remedy, values));
}

function trouble() {
  if (!live) return ["offline", "offlineDo", {}];
  if (!webhook) return [""];
  const { url, last, waiting } = webhook;
  if (!url) return ["noHook", "noHookDo", {}];
  if (!last || last.status === 200) return [""];
  const values = { url, status: last.status, count: waiting };
  if (last.status === 401 || last.status === 403) return ["refused", "refusedDo", values];
  return last.status === 0 ? ["down", "downDo", values] : ["failing", "failingDo", values];
}

// Beginning

async function start() {
  let holding;
  missed = [];
  try {
    holding = begin(await api.getState());
  } finally {
    const events = missed;
    missed = null;
    events.forEach(arrive);
  }
  await holding;
}

function begin(state) {
  people.clear();
  for (const one of state.citizens) people.set(one.key, one);
  number = state.numbers.find((one) => one.id === query.get("number")) ?? state.numbers[0];
  webhook = state.webhook;
  const isFirst = !me;
  const holding = hold(me?.key ?? query.get("citizen") ?? state.citizens[0]?.key);
  if (isFirst) composer.unlock(query.get("text") ?? "");
  return holding;
}

/** Begins anew; with no answer the banner says so, and the line coming back begins again. */
function again() {
  starting = starting.then(start).catch(told);
}

/** What comes while the state is asked for may be newer than it. */
function arrive(event) {
  if (missed) missed.push(event);
  else if (me) arrivals[event.type]?.(event);
}

/** Says what went wrong. */
function told(error) {
  at("said").textContent = error.message;
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem("theme", name);
  } catch {
    // A frame without storage keeps the theme for this visit only.
  }
}

function storedTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

composer.connect({ send, tell: (text) => (at("said").textContent = text), business: () => number.name });
setTheme(query.get("theme") ?? storedTheme() ?? "auto");
at("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark" || (document.documentElement.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  setTheme(dark ? "light" : "dark");
});
at("language").addEventListener("change", (event) => setLanguage(event.target.value));
at("down").addEventListener("click", () => (log.scrollTop = log.scrollHeight));
log.addEventListener("scroll", () => {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 80) at("down").hidden = true;
});
let pinned = true;
log.addEventListener("scroll", () => (pinned = log.scrollHeight - log.scrollTop - log.clientHeight < 80));
new ResizeObserver(() => pinned && (log.scrollTop = log.scrollHeight)).observe(log);
log.addEventListener("load", () => pinned && (log.scrollTop = log.scrollHeight), true);
document.addEventListener("visibilitychange", () => (document.hidden ? lookAway() : lookAt()));
addEventListener("pagehide", lookAway);

// What happens between a look at the world and the first word of the stream would never be told:
// the stream comes first, each look after it.
api.follow(arrive, (state) => {
  live = state === "live";
  drawBanner();
  if (live) again();
});
