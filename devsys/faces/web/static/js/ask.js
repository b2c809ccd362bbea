// Why not at another time: the form fetches only the answer and puts it beside itself. Without script it loads the page.
"use strict";
(() => {
  const form = document.querySelector("[data-ask-form]");
  const place = document.querySelector("[data-told]");
  if (!form || !place) return;
  let asked = 0;

  const tell = (text) => {
    const line = document.createElement("p");
    line.className = "small";
    line.textContent = text;
    place.replaceChildren(line);
  };
  const ask = async (query) => {
    const mine = ++asked; // only the last question is answered
    tell(place.dataset.asking);
    try {
      const part = form.dataset.part;
      const answer = await fetch(`${part}${part.includes("?") ? "&" : "?"}${query}`, { headers: { Accept: "text/html" } });
      if (mine !== asked) return;
      if (answer.ok) place.innerHTML = await answer.text();
      else tell(place.dataset.failed);
    } catch {
      if (mine === asked) tell(place.dataset.silent);
    }
    place.scrollIntoView({ block: "nearest" });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(new URLSearchParams({ on: form.elements.on.value, time: form.elements.time.value }));
  });
  // the grid asks by an event with a start such as 2027-03-23T14:30
  document.addEventListener("devsys:ask", (event) => {
    const [day, time] = event.detail.split("T");
    form.elements.on.value = day;
    if ([...form.elements.time.options].some((option) => option.value === time)) form.elements.time.value = time;
    ask(new URLSearchParams({ at: event.detail }));
  });
})();
