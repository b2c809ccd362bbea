// Charts of measures: pointing and zoom, on request. Everything there is to read stands in the drawing and the table.
"use strict";
(() => {
  const figure = document.querySelector("[data-chart]");
  const list = figure && figure.querySelector("[data-points]");
  if (!list) return;
  const library = document.createElement("script");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn small noprint";
  button.textContent = figure.dataset.zoom;
  button.setAttribute("aria-pressed", "false");
  figure.append(button);

  const block = 28 * 24 * 3600;
  const points = [];
  for (const one of list.children) {
    const first = Date.parse(one.dataset.first) / 1000;
    const before = points.length ? points[points.length - 1][0] : first;
    if (first - before > block) points.push([before + block, null]); // a missing block breaks the line here too
    points.push([first, Number(one.dataset.value)]);
  }
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let plot = null;

  const resolved = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    figure.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found || colour(name);
  };

  const draw = () => {
    const ink = resolved("--ink-2");
    const axis = { stroke: ink, grid: { stroke: resolved("--rule"), width: 1 }, ticks: { stroke: resolved("--rule") } };
    const holder = document.createElement("div");
    figure.prepend(holder);
    plot = new window.uPlot(
      {
        width: figure.clientWidth,
        height: Math.max(240, Math.round(figure.clientWidth / 3)),
        cursor: { drag: { x: true, y: false } },
        scales: { x: { time: true } },
        axes: [axis, axis],
        series: [
          { label: figure.dataset.block, value: "{YYYY}-{MM}-{DD}" },
          { label: figure.dataset.unit, stroke: ink, width: 1.5, points: { show: true, size: 7 }, value: (_, v) => (v === null ? "" : v.toFixed(1)) },
        ],
      },
      [points.map((one) => one[0]), points.map((one) => one[1])],
      holder,
    );
  };

  const toggle = () => {
    const on = !plot;
    for (const drawing of figure.querySelectorAll("svg.spc")) drawing.toggleAttribute("hidden", on);
    if (on) draw();
    else {
      plot.root.parentElement.remove();
      plot = null;
    }
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? figure.dataset.back : figure.dataset.zoom;
  };

  button.addEventListener("click", () => {
    if (window.uPlot) return toggle();
    library.src = figure.dataset.library;
    library.addEventListener("load", toggle, { once: true });
    document.head.append(library);
    return undefined;
  });
})();
