// The wall-board renews itself; with more queues than fit it shows one screenful after the other.

import "./swaps.js";

const EVERY_MS = 12_000;
let first = 0;

function turn() {
  const tiles = [...document.querySelectorAll(".wall__queue")];
  const board = document.querySelector(".wall__queues");
  if (!board) return 0; // between two versions of it
  for (const tile of tiles) tile.hidden = false;
  const room = board.getBoundingClientRect();
  const fits = tiles.filter((tile) => tile.getBoundingClientRect().bottom <= innerHeight).length;
  const size = room.height && fits ? fits : tiles.length;
  if (innerWidth < 768 || size >= tiles.length) return 0;
  if (first >= tiles.length) first = 0;
  tiles.forEach((tile, at) => (tile.hidden = at < first || at >= first + size));
  return size;
}

turn();
document.addEventListener("htmx:afterSettle", turn);
addEventListener("resize", turn);
setInterval(() => {
  first += turn();
  turn();
}, EVERY_MS);
