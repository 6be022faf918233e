// A voice message: recorded here, heard before it is sent, sent with the composer's form. A recording
// belongs to its conversation: it is there again when one comes back, until it is sent or discarded.

import { clock } from "../agency/ago.js";
import { mode } from "./composer.js";

const LONGEST_S = 15 * 60;
const TICK_MS = 100;
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const kept = new Map(); // the form's address → { file, seconds }
let running = null; // { key, recorder, stream, context, meter, began, timer }
let sending = "";

const find = (id) => document.getElementById(id);
const panel = () => find("recorder");
const key = () => find("composer-form")?.getAttribute("action") ?? "";

function say(words) {
  if (find("recorder-said")) find("recorder-said").textContent = words;
}

function trouble(words) {
  if (find("recorder-trouble")) find("recorder-trouble").textContent = words;
}

/** Draws what is so for the conversation on the screen. */
function show() {
  if (!panel()) return;
  const able = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  const recording = running?.key === key();
  const have = kept.get(key());
  panel().dataset.state = recording ? "recording" : have ? "recorded" : "none";
  find("composer-record").hidden = !able || recording || Boolean(have);
  fill(have?.file);
  if (!recording) find("recorder-time").textContent = clock(Math.round(have?.seconds ?? 0));
}

function fill(file) {
  const field = find("recorder-file");
  const player = find("recorder-play");
  if (field.files[0] === file || (!file && !field.files.length)) return;
  const carrier = new DataTransfer();
  if (file) carrier.items.add(file);
  field.files = carrier.files;
  if (player.src) URL.revokeObjectURL(player.src);
  if (file) player.src = URL.createObjectURL(file);
  else player.removeAttribute("src");
}

async function record() {
  if (running || !panel()) return;
  trouble("");
  const wanted = key();
  const button = find("composer-record");
  button.disabled = true;
  try {
    const sound = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: sound });
    if (key() === wanted) begin(stream, wanted);
    else stop(stream);
  } catch (error) {
    const { refused, missing, broken } = panel()?.dataset ?? {};
    trouble({ NotAllowedError: refused, SecurityError: refused, NotFoundError: missing }[error.name] ?? broken);
  } finally {
    button.disabled = false;
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function begin(stream, wanted) {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
  const chunks = [];
  recorder.addEventListener("dataavailable", (event) => event.data.size && chunks.push(event.data));
  recorder.addEventListener("stop", () => finished(chunks)); // also when the microphone is gone
  const context = new AudioContext();
  const meter = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(meter);
  recorder.start();
  const timer = setInterval(tick, TICK_MS);
  running = { key: wanted, recorder, stream, context, meter, timer, began: performance.now() };
  say(panel().dataset.recording);
  show();
  find("recorder-stop").focus();
}

const seconds = () => (performance.now() - running.began) / 1000;

function tick() {
  if (running.recorder.state === "inactive") return; // its end is on the way
  if (seconds() >= LONGEST_S || key() !== running.key || !panel()) return end(true);
  const samples = new Float32Array(running.meter.fftSize);
  running.meter.getFloatTimeDomainData(samples);
  find("recorder-level").value = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
  find("recorder-time").textContent = clock(Math.floor(seconds()));
}

/** Ends the recording; `wanted`: to keep it. */
function end(wanted) {
  if (!running || running.recorder.state === "inactive") return;
  running.wanted = wanted;
  running.recorder.stop();
}

function finished(chunks) {
  const { key: of, wanted = true, stream, context, recorder, timer } = running;
  const length = seconds();
  clearInterval(timer);
  stop(stream);
  context.close();
  running = null;
  if (wanted && chunks.length) {
    const file = new File(chunks, "voice", { type: recorder.mimeType });
    kept.set(of, { file, seconds: length });
  }
  show();
  if (of !== key() || !panel()) return;
  say(wanted ? panel().dataset.recorded : panel().dataset.dropped);
  (wanted ? document.querySelector(".composer__send") : find("composer-record")).focus();
}

function discard() {
  trouble("");
  if (running) return end(false);
  kept.delete(key());
  show();
  say(panel().dataset.dropped);
  find("composer-record").focus();
}

function clicked(event) {
  const button = event.target.closest("#composer-record, #recorder-stop, #recorder-discard");
  if (!button) return;
  if (button.id === "composer-record") record();
  else if (button.id === "recorder-stop") end(true);
  else discard();
}

// While it records nothing is sent: Ctrl+Enter first stops, then one hears, then one sends.
function confirmed(event) {
  if (event.target.id !== "composer-form" || running?.key !== key() || mode() !== "reply") return;
  event.preventDefault();
  end(true);
}

function progress(event) {
  const bar = find("composer-progress");
  if (event.target.id !== "composer-form" || !bar || !sending) return;
  bar.hidden = false;
  bar.max = event.detail.total || 1;
  bar.value = event.detail.loaded;
}

function asked(event) {
  if (event.detail.elt?.id === "composer-form") sending = mode() === "reply" && kept.has(key()) ? key() : "";
}

function answered(event) {
  if (event.detail.elt?.id !== "composer-form") return;
  if (sending && event.detail.xhr?.status === 200) kept.delete(sending);
  sending = "";
  show();
}

/** Wires recording on the page. */
export function start() {
  document.addEventListener("click", clicked);
  document.addEventListener("htmx:confirm", confirmed);
  document.addEventListener("htmx:xhr:progress", progress);
  document.body.addEventListener("htmx:beforeRequest", asked);
  document.body.addEventListener("htmx:afterRequest", answered);
  document.body.addEventListener("htmx:load", show);
  document.body.addEventListener("resmi:swapped", show);
  addEventListener("beforeunload", (event) => (running || kept.size) && event.preventDefault());
  show();
}
