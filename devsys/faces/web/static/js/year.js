// The year strip: a press on a cell opens its week, as the number over it does.
"use strict";
(() => {
  for (const figure of document.querySelectorAll("[data-year]")) {
    const heads = figure.querySelectorAll(".nums > a");
    if (!heads.length) continue;
    figure.dataset.linked = "";
    figure.addEventListener("click", (event) => {
      const cell = event.target.closest("rect");
      const drawing = cell && cell.closest(".strip, .cap, .marks");
      if (!drawing) return;
      const box = drawing.getBoundingClientRect();
      const week = Math.floor(((event.clientX - box.left) / box.width) * heads.length);
      const head = heads[Math.min(Math.max(week, 0), heads.length - 1)];
      if (event.ctrlKey || event.metaKey) window.open(head.href, "_blank", "noopener");
      else window.location.assign(head.href);
    });
  }
})();
