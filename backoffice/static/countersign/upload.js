// Shows how far a file is on its way. Without this script the form sends it all the same.
(() => {
  "use strict";

  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const bar = form.querySelector("[data-progress]");
  const refused = form.querySelector("[data-refused]");
  const button = form.querySelector("button[type=submit]");

  const idle = (sentence) => {
    bar.hidden = true;
    button.disabled = false;
    refused.textContent = sentence;
    refused.hidden = sentence === "";
  };

  // A press of the button, and not the submission: that would be guarded against being sent twice, once for all.
  button.addEventListener("click", (event) => {
    const file = form.elements.file.files[0];
    if (!file) return; // The server says what is missing.
    event.preventDefault();
    idle("");
    bar.hidden = false;
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      form.querySelector("progress").value = total ? (100 * loaded) / total : 0;
    });
    request.upload.addEventListener("load", () => {
      form.querySelector("[data-checking]").hidden = false;
    });
    request.addEventListener("error", () => idle(form.dataset.gone));
    request.addEventListener("load", () => {
      const said = request.getResponseHeader("Content-Type") === "application/json" ? JSON.parse(request.response) : {};
      if (said.next) window.location.assign(said.next);
      else if (said.sentence) idle(said.sentence);
      else if (request.responseURL !== new URL(form.action, window.location).href) window.location.assign(form.action);
      else idle(form.dataset.gone);
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(new FormData(form));
  });
})();
