/** The line at the bottom: text, attachments, voice. Hands what was made to `send`. */
import { upload } from "/phone/api.js";
import { summary } from "/phone/bubbles.js";
import { entry, open } from "/phone/sheet.js";
import { label, word } from "/phone/words.js";

const at = (id) => document.querySelector(`#${id}`);
const text = at("text");
const PLACES = {
  id: { latitude: -6.1754, longitude: 106.8272, title: "Monas", address: "Gambir, Jakarta Pusat" },
  ko: { latitude: 37.5663, longitude: 126.9779, title: "서울시청", address: "서울 중구 세종대로 110" },
  en: { latitude: -8.6705, longitude: 115.2126, title: "Denpasar", address: "Denpasar, Bali" },
};
const CARDS = [{ name: { formatted_name: "Rina Wijaya", first_name: "Rina" }, phones: [{ phone: "+62 812-5550-0444", type: "CELL" }] }];

let send, tell, business;
let answering = null;
let editing = null;
let recorder = null;

/** Connects the composer; `send(said, preview)` sends, `tell(words)` announces. */
export function connect(hooks) {
  ({ send, tell, business } = hooks);
  at("composer").addEventListener("submit", submit);
  text.addEventListener("input", showSend);
  text.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // Safari ends a syllable first
    if (event.key === "Enter" && !event.shiftKey && !composing) submit(event);
    if (event.key === "Escape") answer(null);
  });
  at("attach").addEventListener("click", attach);
  at("unquote").addEventListener("click", () => answer(null));
  at("photo").addEventListener("change", () => picked("photo"));
  at("file").addEventListener("change", () => picked("file"));
  at("audio").addEventListener("change", () => picked("audio"));
  at("discard").addEventListener("click", () => stop(false));
  at("sendvoice").addEventListener("click", () => stop(true));
}

/** Lets people write, once somebody holds the phone; a link may bring `words` ready to send. */
export function unlock(words) {
  for (const one of [at("attach"), text, at("send")]) one.disabled = false;
  if (!words) return;
  text.value = words.slice(0, text.maxLength);
  showSend();
  text.focus();
}

/** Answers a message from now on, or nothing. */
export function answer(message, edit = false) {
  const edited = editing;
  answering = edit ? null : message;
  editing = edit ? message : null;
  at("quoting").hidden = !message;
  if (message) {
    at("quotewho").textContent = edit ? word("editing") : message.direction === "in" ? word("you") : business();
    at("quotetext").textContent = summary(message);
    if (edit) text.value = message.content.text.body;
    text.focus();
  } else if (edited) text.value = "";
  showSend();
}

/** Sends the place where this persona is; perhaps as an answer. */
export function locate(language, replyTo = "") {
  const place = PLACES[language] ?? PLACES.en;
  const { title, ...rest } = place;
  send({ type: "location", ...place, reply_to: replyTo }, { location: { ...rest, name: title } });
}

function showSend() {
  const ready = Boolean(text.value.trim());
  at("sendicon").setAttribute("href", `/phone/icons.svg#${ready ? "send" : "mic"}`);
  label(at("send"), ready ? "send" : "voice");
}

function submit(event) {
  event.preventDefault();
  const body = text.value.trim();
  if (!body) {
    if (event.type === "submit") record();
    return;
  }
  if (editing) send({ type: "edit", message: editing.id, text: body });
  else send({ type: "text", text: body, reply_to: taken() }, { text: { body } });
  text.value = "";
  answer(null);
  text.focus();
}

function taken() {
  const id = answering?.id ?? "";
  answer(null);
  return id;
}

function attach() {
  const language = document.querySelector("#people [aria-pressed=true]")?.dataset.language;
  open(
    word("attachTitle"),
    entry(word("photo"), () => at("photo").click(), { picture: "image" }),
    entry(word("document"), () => at("file").click(), { picture: "paper" }),
    entry(word("audio"), () => at("audio").click(), { picture: "mic" }),
    entry(word("location"), () => locate(language, taken()), { picture: "pin" }),
    entry(word("contact"), () => send({ type: "contacts", contacts: CARDS, reply_to: taken() }, { contacts: CARDS }), { picture: "person" }),
  );
}

function picked(id) {
  const [file] = at(id).files;
  at(id).value = "";
  if (!file) return;
  const family = file.type.split("/")[0];
  const kind = id === "audio" ? "voice" : id === "file" ? "document" : file.type === "image/webp" ? "sticker" : family;
  sendFile(kind, file, file.name);
}

async function sendFile(kind, blob, name) {
  const type = kind === "voice" ? "audio" : kind;
  const caption = type === "audio" || type === "sticker" ? "" : text.value.trim();
  if (caption) text.value = "";
  showSend();
  const preview = { [type]: { local: URL.createObjectURL(blob), caption, filename: name, mime_type: blob.type } };
  const said = { type: kind, text: caption, reply_to: taken() };
  send(said, preview, async () => ({ ...said, media: await upload(blob, name) }));
}

let asking = false; // for the microphone
async function record() {
  if (asking || recorder?.state === "recording") return;
  asking = true;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    tell(word("micBlocked"));
    at("audio").click();
    return;
  } finally {
    asking = false;
  }
  const type = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"].find((one) => MediaRecorder.isTypeSupported(one));
  const chunks = [];
  const began = Date.now();
  recorder = new MediaRecorder(stream, { mimeType: type });
  recorder.wanted = false;
  recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
  const ticking = setInterval(() => {
    const seconds = Math.floor((Date.now() - began) / 1000);
    at("elapsed").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 250);
  recorder.addEventListener("stop", () => {
    clearInterval(ticking);
    stream.getTracks().forEach((track) => track.stop());
    if (recorder.wanted && chunks.length) sendFile("voice", new Blob(chunks, { type }), "voice");
    showRecording(false);
  });
  recorder.start();
  at("elapsed").textContent = "0:00";
  showRecording(true);
}

function stop(wanted) {
  if (recorder.state === "inactive") return;
  recorder.wanted = wanted;
  recorder.stop();
}

function showRecording(on) {
  at("recording").hidden = !on;
  at("line").hidden = on;
  (on ? at("sendvoice") : text).focus();
}
