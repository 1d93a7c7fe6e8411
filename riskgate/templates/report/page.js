"use strict";
// Rule 1: without this script the page still says everything; it only draws, sorts and switches.
// Rule 2: it asks no network and keeps nothing.
(() => {
  const PAPER = 680; // pixels: what fits between the margins of A4 and Letter

  const charts = document.getElementById("charts");
  const drawings = charts ? JSON.parse(charts.textContent) : {};
  const quiet = { displayModeBar: false, scrollZoom: false };
  for (const [id, figure] of Object.entries(drawings)) {
    Plotly.newPlot(id, figure.data, figure.layout, quiet);
  }

  // On paper a drawing has the paper's width, whatever the window has and does meanwhile.
  let printing = false;
  let width = window.innerWidth; // a phone that hides its address bar changes only the height
  const everyPlot = (change) => {
    for (const id of Object.keys(drawings)) Plotly.relayout(id, change);
  };
  const fit = () => {
    width = window.innerWidth;
    everyPlot({ width: null, height: null, autosize: true });
  };
  window.addEventListener("resize", () => {
    if (!printing && window.innerWidth !== width) fit();
  });
  window.addEventListener("beforeprint", () => {
    printing = true;
    everyPlot({ width: PAPER, height: 280, autosize: false });
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    fit();
  });

  const value = (cell) => cell.dataset.value;
  const byNumber = (one, other) => Number(value(one)) - Number(value(other));
  const byText = (one, other) => value(one).localeCompare(value(other), "en", { numeric: true });

  // What has no value stays below, whichever way the rest is sorted.
  const sort = (table, column, heading) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    const compare = heading.classList.contains("number") ? byNumber : byText;
    const rows = [...table.tBodies[0].rows];
    const known = rows.filter((row) => value(row.cells[column]) !== "");
    const unknown = rows.filter((row) => value(row.cells[column]) === "");
    known.sort((one, other) => compare(one.cells[column], other.cells[column]) * (down ? -1 : 1));
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    table.tBodies[0].append(...known, ...unknown);
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...[...heading.childNodes].filter((node) => node.nodeName !== "SUP"));
      heading.prepend(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sort(table, column, heading));
    });
  }

  // A link to an order opens its story.
  const open = () => {
    const story = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (story && story.tagName === "DETAILS") {
      story.open = true;
      story.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", open);
  open();

  const theme = document.getElementById("theme");
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  system.addEventListener("change", name);
  theme.hidden = false;
  name();
})();
