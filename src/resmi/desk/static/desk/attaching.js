// One file with a reply: chosen, pasted or dropped; its name shows beside the text until it is sent.

const input = () => document.getElementById("composer-file");
const label = () => document.getElementById("composer-file-name");

function show() {
  const file = input()?.files[0];
  if (!label()) return;
  label().hidden = !file;
  label().querySelector("span").textContent = file?.name ?? "";
}

function take(files) {
  if (!files?.length || !input() || !document.getElementById("mode-reply")?.checked) return false;
  const carrier = new DataTransfer();
  carrier.items.add(files[0]);
  input().files = carrier.files;
  show();
  return true;
}

/** Forgets the file: it was sent, or is not wanted. */
export function clear() {
  if (input()) input().value = "";
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
  for (const name of ["dragover", "drop"])
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("#thread") || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (name === "drop") take(event.dataTransfer.files);
    });
}
