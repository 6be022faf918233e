// A box that ticks all boxes of a name, [data-chooses=NAME]. It is hidden where no script runs.

for (const all of document.querySelectorAll("[data-chooses]")) {
  const boxes = () => [...document.querySelectorAll(`input[name="${all.dataset.chooses}"]`)];
  const count = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => boxes().forEach((box) => (box.checked = all.checked)));
  document.addEventListener("change", ({ target }) => target.name === all.dataset.chooses && count());
  addEventListener("pageshow", count); // going back may tick some again
}
