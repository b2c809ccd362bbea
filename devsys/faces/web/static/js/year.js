// The year strip: a press on a cell opens its week, as the number over it does.
"use strict";
(() => {
  for (const link of document.querySelectorAll('a[href$="#print"]')) {
    link.addEventListener("click", (event) => { event.preventDefault(); window.print(); });
  }
  for (const figure of document.querySelectorAll("[data-year]")) {
    const heads = figure.querySelectorAll(".nums > a");
    if (!heads.length) continue;
    figure.dataset.linked = "";
    // fifty-two links are one stop of the tab key: arrows reach the others
    const list = [...heads];
    const rove = (chosen) => { for (const head of list) head.tabIndex = head === chosen ? 0 : -1; };
    rove(list.find((head) => head.matches(".now")) || list[0]);
    figure.querySelector(".nums").addEventListener("keydown", (event) => {
      const at = list.indexOf(event.target);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: list.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const next = list[Math.min(Math.max(to, 0), list.length - 1)];
      rove(next);
      next.focus();
    });
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
