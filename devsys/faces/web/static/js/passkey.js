// Passkeys: asks the server what is wanted, the browser for a key, and sends the form with the answer.
// Without script, or without WebAuthn, the forms stay hidden and the password form is all there is.
(() => {
  "use strict";
  const forms = document.querySelectorAll("[data-passkey]");
  if (!forms.length || !window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const opened = (options) => {
    const known = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
    const found = { ...options, challenge: bytes(options.challenge) };
    if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) found.excludeCredentials = known(options.excludeCredentials);
    if (options.allowCredentials) found.allowCredentials = known(options.allowCredentials);
    return found;
  };
  const closed = (key) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (key.response[name]) response[name] = text(key.response[name]);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} });
  };
  const say = (form, words) => {
    const line = form.querySelector("[data-said]");
    line.textContent = words;
    line.hidden = !words;
  };

  const ask = async (form) => {
    say(form, "");
    const given = new FormData(form);
    given.delete("answer");
    const said = await fetch(form.dataset.begin, { method: "POST", body: given });
    const found = await said.json();
    if (!said.ok) {
      say(form, found.words || Object.values(found.faults || {})[0] || form.dataset.failed);
      const field = form.elements.namedItem(Object.keys(found.faults || {})[0] || "");
      if (field) field.focus();
      return;
    }
    const publicKey = opened(found);
    const making = form.dataset.passkey === "create";
    const key = await (making ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    form.elements.answer.value = closed(key);
    const password = form.elements.namedItem("password");
    if (password) password.value = "";
    form.submit();
  };

  for (const form of forms) {
    form.hidden = false;
    for (const line of document.querySelectorAll("[data-passkey-none]")) line.hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.setAttribute("aria-busy", "true");
      ask(form)
        .catch((error) => say(form, error.name === "NotAllowedError" || error.name === "InvalidStateError" ? form.dataset.cancelled : form.dataset.failed))
        .finally(() => button.removeAttribute("aria-busy"));
    });
  }
})();
