// A card with data-drop takes a file dropped anywhere on it, as if picked in its file field.

for (const card of document.querySelectorAll("[data-drop]")) {
  const field = card.querySelector("input[type=file]");
  card.querySelector("[data-drop-hint]").hidden = false;
  const mark = (event, on) => {
    event.preventDefault();
    card.toggleAttribute("data-over", on);
  };
  card.addEventListener("dragover", (event) => mark(event, true));
  card.addEventListener("dragleave", (event) => mark(event, false));
  card.addEventListener("drop", (event) => {
    mark(event, false);
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}
