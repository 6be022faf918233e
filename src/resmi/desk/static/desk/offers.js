// A new offer is heard and seen: a short tone and a notification if one wants them, the tab's title
// always. The choice is kept in this browser.

const title = document.title;
const phrases = () => document.getElementById("phrases").dataset;
let known = new Set();
let sound = null;

const wanted = (what) => localStorage.getItem(`resmi.${what}`) === "yes";

function offers() {
  return [...document.querySelectorAll("#rows-offers .row-item")];
}

function titleNow() {
  const count = offers().length;
  const name = document.getElementById("conversation-name")?.textContent;
  const rest = name ? `${name} · ${title.split("·").at(-1).trim()}` : title;
  document.title = count ? `(${count}) ${rest}` : rest;
}

function beep() {
  sound ??= new AudioContext();
  if (sound.state === "suspended") sound.resume(); // begun before anybody touched the page
  const start = sound.currentTime;
  for (const [at, pitch] of [
    [0, 660],
    [0.16, 880],
  ]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start + at);
    volume.gain.exponentialRampToValueAtTime(0.2, start + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.15);
    tone.connect(volume).connect(sound.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.16);
  }
}

function tell(row) {
  const name = row.querySelector(".list__title").textContent;
  const words = phrases().offer.replace("%s", name);
  document.getElementById("announcer").textContent = words;
  if (wanted("sound")) beep();
  if (wanted("notification") && document.hidden && Notification.permission === "granted")
    new Notification(words, { tag: "resmi-offer" });
}

function look() {
  const now = new Set(offers().map((row) => row.id));
  for (const row of offers()) if (!known.has(row.id)) tell(row);
  known = now;
  titleNow();
}

// Being brought into a conversation, or called by a note, is told like an offer.
function called(event) {
  const { invited, mention, by } = event.detail ?? {};
  if (!by || !(invited || mention)) return;
  const words = phrases()[invited ? "invited" : "mentioned"].replace("%s", by);
  document.getElementById("announcer").textContent = words;
  if (wanted("sound")) beep();
  if (wanted("notification") && document.hidden && Notification.permission === "granted")
    new Notification(words, { tag: `resmi-called-${invited || mention}` });
}

function switches() {
  for (const what of ["sound", "notification"]) {
    const box = document.getElementById(`${what}-switch`);
    if (box) box.checked = wanted(what);
  }
}

async function switched(event) {
  const what = { "sound-switch": "sound", "notification-switch": "notification" }[event.target.id];
  if (!what) return;
  let on = event.target.checked;
  if (on && what === "notification") on = (await window.Notification?.requestPermission()) === "granted";
  localStorage.setItem(`resmi.${what}`, on ? "yes" : "no");
  event.target.checked = on;
  if (on && what === "sound") beep();
}

/** Wires offers on the page; those already there are not announced. */
export function start() {
  known = new Set(offers().map((row) => row.id));
  titleNow();
  switches();
  document.addEventListener("change", switched);
  document.body.addEventListener("resmi:swapped", (event) => {
    if (event.target.id === "lists") look();
    if (event.target.id === "desk-bar") switches();
  });
  document.body.addEventListener("htmx:afterSettle", titleNow);
  const me = document.querySelector(".desk")?.dataset.user;
  document.body.addEventListener(`live:agent:${me}`, called);
}
