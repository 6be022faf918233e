// A row of tabs wider than the screen opens at the current one.

for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const row = tab.parentElement.getBoundingClientRect();
  const { left, width } = tab.getBoundingClientRect();
  tab.parentElement.scrollLeft += left - row.left - (row.width - width) / 2;
}
