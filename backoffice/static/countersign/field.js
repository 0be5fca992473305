// The visitor's pages on a telephone: shares the place, and says whether a step is queued, sending or sent.
// A page that cannot look again by itself says so. A step that cannot be sent is sent again with the id of its page, so
// that it counts once. Without this script every step is an ordinary form.
(() => {
  "use strict";

  const TRY_AGAIN_AFTER = 4000;
  const waiting = new Map();

  let said = "";

  const say = (kind) => {
    said = kind;
    const place = document.getElementById("sending");
    if (place) place.textContent = kind ? place.dataset[kind] : "";
    const before = document.getElementById("sent-state");
    if (before) before.hidden = Boolean(kind);
  };

  const isStep = (element) => element?.matches?.("form[data-step]");

  function again(form) {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    if (form.isConnected) form.requestSubmit(form.sentWith ?? undefined);
  }

  document.addEventListener("submit", (event) => {
    if (isStep(event.target)) event.target.sentWith = event.submitter;
  }, { capture: true });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isStep(event.target)) say("sending");
  });
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.target;
    if (!isStep(form)) {
      if (!said) say("offline");
      return;
    }
    say("queued");
    waiting.set(form, setTimeout(() => again(form), TRY_AGAIN_AFTER));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (said === "offline" && event.detail.successful) say("");
  });
  window.addEventListener("online", () => [...waiting.keys()].forEach(again));

  // A refusal is a page too: it says what is wrong and what now.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isStep(event.detail.requestConfig?.elt)) return;
    if (event.detail.xhr.status >= 500) {
      say("queued");
      const form = event.detail.requestConfig.elt;
      waiting.set(form, setTimeout(() => again(form), TRY_AGAIN_AFTER));
      return;
    }
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target !== document.body) return;
    const first = document.querySelector("[data-focus-first], main h1");
    if (!first) return;
    if (!first.hasAttribute("tabindex")) first.tabIndex = -1;
    first.focus();
  });

  function offerPlace(root) {
    if (!navigator.geolocation) return;
    for (const button of root.querySelectorAll("button[data-share][hidden]")) button.hidden = false;
  }

  function share(button) {
    const form = document.getElementById(button.dataset.share);
    const unreadable = document.getElementById("no-place");
    unreadable.hidden = true;
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(2);
        form.elements.longitude.value = coords.longitude.toFixed(2);
        form.requestSubmit();
      },
      () => {
        button.removeAttribute("aria-busy");
        unreadable.hidden = false;
      },
      { timeout: 8000, maximumAge: 60000 },
    );
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-share]");
    if (button && !button.hasAttribute("aria-busy")) share(button);
  });
  document.addEventListener("htmx:load", (event) => offerPlace(event.target));
  offerPlace(document);
})();
