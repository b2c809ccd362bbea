// The team week by keyboard and by pointer. What it posts is what the form beside the grid posts: a start.
"use strict";
(() => {
  const week = document.querySelector("[data-week]");
  if (!week) return;
  const HALF = 30;
  const opens = Number(week.dataset.opens);
  const columns = Number(week.dataset.columns);
  const days = week.dataset.days.split(" ");
  const form = document.querySelector("[data-week-move]");
  const help = document.querySelector("[data-week-help]");
  const line = document.querySelector("[data-week-say]");
  const blocks = [...week.querySelectorAll("a[data-session]")];
  let moving = null;

  // what it says stands in the page, in the page's language, with places in braces
  const texts = document.querySelector("[data-grid-words]").dataset;
  const phrase = (name, values = {}) => texts[`say${name[0].toUpperCase()}${name.slice(1)}`].replace(/\{(\w+)\}/g, (_, place) => values[place]);
  const say = (text) => { if (line) line.textContent = text; };
  const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const two = (n) => String(n).padStart(2, "0");
  const minutesOf = (iso) => Number(iso.slice(11, 13)) * 60 + Number(iso.slice(14, 16));
  const startOf = (day, minutes) => `${day}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  const dayWords = (day) => new Date(`${day}T12:00`).toLocaleDateString(locale, { weekday: "short", day: "numeric", month: "long" });
  const words = (day, minutes, length) => {
    const end = minutes + length;
    return `${dayWords(day)}, ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}\u2013${two(Math.floor(end / 60))}:${two(end % 60)}`;
  };

  // one session of the grid is in the tab order, arrows reach the others
  const rove = (chosen) => { for (const block of blocks) block.tabIndex = block === chosen ? 0 : -1; };
  if (blocks.length) rove(blocks.find((block) => block.matches(".sel")) || blocks[0]);
  const rowOf = (block) => block.closest(".wk-row");
  const inRow = (row) => blocks.filter((block) => rowOf(block) === row)
    .sort((a, b) => a.dataset.start.localeCompare(b.dataset.start));
  const go = (block) => { if (block) { rove(block); block.focus(); } };

  const beside = (block, step) => {
    const row = inRow(rowOf(block));
    go(row[row.indexOf(block) + step]);
  };
  const above = (block, step) => {
    const rows = [...week.querySelectorAll(".wk-row")];
    const when = Date.parse(block.dataset.start);
    for (let i = rows.indexOf(rowOf(block)) + step; i >= 0 && i < rows.length; i += step) {
      const near = inRow(rows[i]).sort((a, b) => Math.abs(Date.parse(a.dataset.start) - when) - Math.abs(Date.parse(b.dataset.start) - when));
      if (near.length) { go(near[0]); return; }
    }
  };

  const send = (action, start) => {
    form.action = action;
    form.elements.start.value = start;
    form.submit();
  };

  // after a press the page comes back: the focus is where it was, and what happened is read with it
  const told = document.querySelector(".flashes");
  if (window.location.hash.startsWith("#s-")) {
    const at = document.getElementById(window.location.hash.slice(1));
    if (at && at.offsetParent !== null) {
      if (told && told.children.length && told.id) at.setAttribute("aria-describedby", told.id);
      go(at);
    }
  }

  const press = (mark, none) => {
    const found = document.querySelector(`form[${mark}]`);
    if (found) found.requestSubmit();
    else say(none);
  };

  // ---- moving: every block of the session is lifted, ghosts show where it would be
  const cellOf = (block, day) => rowOf(block).querySelector(`[data-cell][data-day="${day}"]`);
  const clear = () => {
    for (const ghost of week.querySelectorAll(".ghost")) ghost.remove();
    for (const cell of week.querySelectorAll(".target")) cell.classList.remove("target");
  };
  const show = () => {
    clear();
    const column = Math.floor((moving.minutes - opens) / HALF) + 1;
    for (const block of moving.same) {
      const cell = cellOf(block, moving.day);
      const ghost = block.cloneNode(true);
      ghost.className = block.className.replace(/\b[kx]\d+\b|\blifted\b|\bsel\b|\bmini\b/g, "").trim();
      ghost.classList.add("ghost", `k${column}`, `x${Math.ceil(moving.length / HALF)}`);
      if (moving.asking) ghost.classList.add("asked");
      if (!("lens" in cell.dataset)) { ghost.classList.add("mini"); ghost.textContent = ""; }
      ghost.removeAttribute("href");
      ghost.tabIndex = -1;
      ghost.setAttribute("aria-hidden", "true");
      cell.append(ghost);
      cell.classList.add("target");
    }
    const there = { title: moving.title, when: words(moving.day, moving.minutes, moving.length) };
    if (moving.asking) say(phrase("asking", there));
    else say(phrase(moving.block.dataset.ask ? "movingOrAsking" : "moving", there));
  };
  const lift = (block, asking = false) => {
    const same = blocks.filter((other) => other.dataset.session === block.dataset.session);
    moving = {
      block, same, asking, action: block.dataset.move, title: block.dataset.title, from: block.dataset.start,
      day: block.dataset.start.slice(0, 10), minutes: minutesOf(block.dataset.start), length: Number(block.dataset.minutes),
    };
    if (!asking) for (const other of same) other.classList.add("lifted");
    show();
  };
  // why it is not where the ghosts stand: beside the grid where its panel is open, else on the page with its panel
  const ask = () => {
    const { block, same, day, minutes, title, length } = moving;
    const start = startOf(day, minutes);
    for (const other of same) other.classList.remove("lifted");
    moving = null;
    for (const ghost of week.querySelectorAll(".ghost")) ghost.classList.add("asked");
    say(phrase("asked", { when: words(day, minutes, length) }));
    if (block.matches(".sel") && document.querySelector("[data-ask-form]")) {
      document.dispatchEvent(new CustomEvent("devsys:ask", { detail: start }));
    } else {
      say(phrase("asks", { title }));
      window.location.assign(`${block.href.split("#")[0]}&at=${encodeURIComponent(start)}#why-not`);
    }
  };
  const drop = (keep) => {
    if (!moving) return;
    const { same, action, from, day, minutes, title } = moving;
    const start = startOf(day, minutes);
    clear();
    for (const block of same) block.classList.remove("lifted");
    moving = null;
    if (keep && start !== from) { say(phrase("moves", { title })); send(action, start); } else say(phrase("unmoved"));
  };
  const fit = (minutes) => Math.min(Math.max(minutes, opens), opens + columns * HALF - moving.length);
  const shift = (half, day) => {
    moving.minutes = fit(moving.minutes + half * HALF);
    moving.day = days[Math.min(Math.max(days.indexOf(moving.day) + day, 0), days.length - 1)];
    show();
  };

  week.addEventListener("keydown", (event) => {
    const block = event.target.closest("a[data-session]");
    if (!block || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowRight: () => (moving ? shift(1, 0) : beside(block, 1)),
      ArrowLeft: () => (moving ? shift(-1, 0) : beside(block, -1)),
      ArrowDown: () => (moving ? shift(0, 1) : above(block, 1)),
      ArrowUp: () => (moving ? shift(0, -1) : above(block, -1)),
      Home: () => { if (!moving) go(inRow(rowOf(block))[0]); },
      End: () => { if (!moving) go(inRow(rowOf(block)).pop()); },
      Escape: () => drop(false),
      Enter: moving ? () => (moving.asking ? ask() : drop(true)) : null,
      m: () => {
        if (moving) drop(false);
        else if (block.dataset.move) lift(block);
        else if (block.dataset.form) {
          say(phrase("frozen", { title: block.dataset.title }));
          window.location.assign(block.dataset.form);
        } else say(phrase("fixed", { title: block.dataset.title }));
      },
      p: () => (block.dataset.pin ? send(block.dataset.pin, "") : say(phrase("unpinned", { title: block.dataset.title }))),
      u: () => { if (!moving) press("data-undo", phrase("undone")); },
      r: () => { if (!moving) press("data-redo", phrase("redone")); },
      n: () => {
        if (moving) drop(false);
        else if (block.dataset.ask) lift(block, true);
        else say(phrase("untold", { title: block.dataset.title }));
      },
      w: () => {
        if (moving) {
          if (block.dataset.ask) ask();
          else say(phrase("untold", { title: block.dataset.title }));
          return;
        }
        const panel = document.getElementById("why");
        if (panel && block.matches(".sel")) panel.focus();
        else window.location.assign(`${block.href.split("#")[0]}#why`);
      },
      "?": () => help && help.showModal(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  week.addEventListener("focusin", (event) => {
    const block = event.target.closest("a[data-session]");
    if (block) rove(block);
  });
  week.addEventListener("focusout", () => { if (moving && !moving.pointer) drop(false); });

  // ---- a half hour is pointed at while a session is chosen: why is it not there?
  week.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell]");
    const chosen = blocks.find((block) => block.matches(".sel") && block.dataset.ask);
    if (!cell || !chosen || moving || event.target.closest("a")) return;
    clear();
    lift(chosen, true);
    moving.day = cell.dataset.day;
    if ("lens" in cell.dataset) {
      const box = cell.getBoundingClientRect();
      moving.minutes = fit(opens + Math.floor(((event.clientX - box.left) / box.width) * columns) * HALF);
    }
    show();
    ask();
  });
  week.toggleAttribute("data-askable", blocks.some((block) => block.matches(".sel") && block.dataset.ask));

  // ---- by pointer: half hours on the lens day, whole days beside it
  let held = null;
  week.addEventListener("pointerdown", (event) => {
    const block = event.target.closest("a[data-move]");
    if (!block || event.button !== 0 || event.pointerType === "touch") return;
    held = { block, x: event.clientX, y: event.clientY, inside: event.clientX - block.getBoundingClientRect().left };
  });
  week.addEventListener("dragstart", (event) => { if (event.target.closest("a[data-session]")) event.preventDefault(); });
  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    if (!moving) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < 6) return;
      lift(held.block);
      moving.pointer = true;
      document.body.classList.add("dragging");
    }
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const cell = under && under.closest("[data-cell]");
    if (!cell) return;
    moving.day = cell.dataset.day;
    if ("lens" in cell.dataset) {
      const box = cell.getBoundingClientRect();
      const grab = held.block.closest("[data-lens]") ? held.inside : 0;
      moving.minutes = fit(opens + Math.round(((event.clientX - grab - box.left) / box.width) * columns) * HALF);
    } else moving.minutes = minutesOf(moving.from); // too narrow for a time: another day, the same hour
    show();
  });
  const release = (keep) => {
    if (!held) return;
    const dragged = Boolean(moving);
    held = null;
    document.body.classList.remove("dragging");
    if (!dragged) return;
    week.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    setTimeout(() => drop(keep), 0);
  };
  document.addEventListener("pointerup", () => release(true));
  document.addEventListener("pointercancel", () => release(false));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && held) release(false); });
})();
