// The wall-board renews itself; with more queues than fit it shows one screenful after the other.
// Whoever wants no movement, or chooses so, sees all of them at once and scrolls.

import "./swaps.js";

const EVERY_MS = 12_000;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const bar = document.getElementById("wall-turning");
const page = document.getElementById("wall-page");
const whole = document.getElementById("wall-all");
let first = 0;
let all = still.matches;

function turn() {
  const tiles = [...document.querySelectorAll(".wall__queue")];
  if (!tiles.length) return 0; // between two versions of it
  const size = screenful(tiles);
  bar.hidden = size >= tiles.length;
  whole.setAttribute("aria-pressed", all);
  if (all || bar.hidden) {
    page.textContent = "";
    return 0;
  }
  if (first >= tiles.length) first = 0;
  first -= first % size;
  tiles.forEach((tile, at) => (tile.hidden = at < first || at >= first + size));
  page.textContent = `${first / size + 1} / ${Math.ceil(tiles.length / size)}`;
  return size;
}

/** Shows all, and says how many of them fit: all, where nothing turns. */
function screenful(tiles) {
  bar.hidden = false; // its line takes room too
  for (const tile of tiles) tile.hidden = false;
  if (innerWidth < 768) return tiles.length;
  const end = innerHeight - bar.parentElement.offsetHeight;
  return tiles.filter((tile) => tile.getBoundingClientRect().bottom + scrollY <= end).length || tiles.length;
}

whole.addEventListener("click", () => {
  all = !all;
  turn();
});
still.addEventListener("change", () => {
  all = still.matches;
  turn();
});
document.addEventListener("resmi:swapped", turn); // before anybody sees the rest
addEventListener("resize", turn);
setInterval(() => {
  first += turn();
  turn();
}, EVERY_MS);
turn();
