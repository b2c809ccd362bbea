// Every page: focus on what is wrong, copying, the menu, the theme. All of it works without this file too.
"use strict";
(() => {
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();

  // copy buttons: <button data-copy="id of the element with the text" hidden>
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const said = document.querySelector("[data-copy-said]");
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        if (said) said.textContent = button.dataset.copyDone || "";
      } catch {
        if (said) said.textContent = button.dataset.copyFailed || "";
      }
    });
  }

  // who comes to move a session stands in its form
  const day = window.location.hash === "#move" && document.getElementById("move-day");
  if (day) window.addEventListener("load", () => setTimeout(() => day.focus(), 0)); // after the browser went there itself

  // the menu closes on Esc and on a press elsewhere
  const menu = document.querySelector("[data-menu]");
  if (menu) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
    document.addEventListener("pointerdown", (event) => {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
  }

  // light or dark at once; the form tells the server, which keeps the cookie
  const theme = document.querySelector("[data-theme-form]");
  if (theme) {
    theme.addEventListener("submit", (event) => {
      const pressed = event.submitter;
      if (!pressed) return;
      event.preventDefault();
      const sent = new FormData(theme);
      sent.set(pressed.name, pressed.value);
      if (pressed.value === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = pressed.value;
      for (const button of theme.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === pressed));
      fetch(theme.action, { method: "POST", body: new URLSearchParams(sent), redirect: "manual" });
    });
  }

  // a run says its stage once per stage: the polled part is silent, this line speaks
  document.addEventListener("htmx:afterSwap", (event) => {
    const body = event.target.querySelector && event.target.querySelector("[data-stage]");
    const said = document.querySelector("[data-stage-said]");
    if (body && said && said.textContent !== body.dataset.stage) said.textContent = body.dataset.stage;
    if (!body || !body.dataset.over) return;
    for (const note of document.querySelectorAll("[data-while-running]")) note.hidden = true;
    const title = document.querySelector("h1");
    if (title) title.textContent = body.dataset.over;
  });
})();
