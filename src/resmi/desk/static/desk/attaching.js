// One file with a reply: chosen, pasted or dropped. Its name, size and picture show beside the text
// until it is sent; what the channel would refuse is said at once.

const input = () => document.getElementById("composer-file");
const label = () => document.getElementById("composer-file-name");
const bar = () => document.getElementById("composer-progress");
const MEGABYTE = 1024 * 1024;
const UPLOAD_MS = 10 * 60_000;
const replying = () => document.getElementById("mode-reply")?.checked;
const megabytes = (bytes) => (bytes / MEGABYTE).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

/** Why the channel would refuse the file, in words; empty if it would not. */
function trouble(file) {
  const { limits, wrongType, tooLarge } = input().dataset;
  const most = JSON.parse(limits)[file.type.split(";")[0].toLowerCase()];
  if (most === undefined) return wrongType;
  if (file.size <= most) return "";
  return tooLarge.replace("{size}", megabytes(file.size)).replace("{most}", megabytes(most));
}

function show() {
  const field = input();
  const file = field?.files[0];
  if (!label()) return;
  const why = file ? trouble(file) : "";
  label().hidden = !file;
  label().classList.toggle("composer__file--wrong", Boolean(why));
  label().querySelector("span").textContent = file ? `${file.name} · ${megabytes(file.size)} MB` : "";
  label().querySelector("strong").textContent = why;
}

function take(files) {
  if (!files?.length || !input() || !replying()) return false;
  const carrier = new DataTransfer();
  carrier.items.add(files[0]);
  input().files = carrier.files;
  show();
  return true;
}

function progress(event) {
  if (event.target.id !== "composer-form" || !bar() || !input()?.files.length) return;
  const { loaded, total } = event.detail;
  bar().hidden = false;
  bar().max = total || 1;
  bar().value = loaded;
}

// A file takes its time; what is said elsewhere of an answer's time is meant for words.
function patient({ detail }) {
  if (detail.elt.id !== "composer-form" || !replying()) return;
  const files = detail.elt.querySelectorAll("input[type=file]");
  if ([...files].some((field) => field.files.length)) detail.timeout = UPLOAD_MS;
}

// A file that was sent is forgotten; one chosen meanwhile, or kept beside a note, stays.
function sending({ detail: { elt, xhr } }) {
  const file = elt.id === "composer-form" && replying() ? input()?.files[0] : null;
  if (file)
    xhr.addEventListener("loadend", () => xhr.status === 200 && input()?.files[0] === file && clear());
}

function clear() {
  if (input()) input().value = "";
  if (bar()) bar().hidden = true;
  show();
}

/** Wires attaching on the page. */
export function start() {
  document.addEventListener("change", (event) => event.target === input() && show());
  document.addEventListener("click", (event) => {
    if (event.target.closest("#composer-file-remove")) clear();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.id === "composer-body" && take(event.clipboardData?.files))
      event.preventDefault();
  });
  document.body.addEventListener("htmx:configRequest", patient);
  document.body.addEventListener("htmx:beforeRequest", sending);
  document.body.addEventListener("resmi:swapped", show);
  document.addEventListener("htmx:xhr:progress", progress);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id === "composer-form" && bar()) bar().hidden = true;
  });
  // What the channel refuses does not travel.
  document.addEventListener("htmx:confirm", (event) => {
    const wrong = label()?.classList.contains("composer__file--wrong");
    if (event.target.id === "composer-form" && wrong && replying()) event.preventDefault();
  });
  // Beside the thread a dropped file does nothing: the browser would open it in place of the desk.
  for (const name of ["dragover", "drop"])
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (name === "drop" && event.target.closest?.("#thread")) take(event.dataTransfer.files);
    });
}
