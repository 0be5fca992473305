// Asks the browser for a passkey and sends what it signed. Without this script the form stays hidden.
(() => {
  "use strict";

  const form = document.querySelector("form[data-passkey]");
  const options = document.getElementById("passkey-options");
  if (!form || !options || !window.PublicKeyCredential || !window.webauthnJSON) return;
  form.hidden = false;
  const failed = form.querySelector("[role=alert]");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    failed.hidden = true;
    try {
      const credential = await window.webauthnJSON.get(JSON.parse(options.textContent));
      form.elements.credential.value = JSON.stringify(credential);
    } catch {
      failed.hidden = false; // Cancelled, timed out, or a key that is not enrolled here: the person chooses what now.
      return;
    }
    form.submit();
  }, { capture: true });
})();
