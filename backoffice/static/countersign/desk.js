// The keys of the desk, on each of its pages. Everything that they do can be done without them and without script.
(() => {
  "use strict";

  const STORED = "countersign-worklist-keys";
  const SECOND_KEY_WITHIN = 1500;
  const help = document.getElementById("keys-help");
  let on = localStorage.getItem(STORED) !== "off"; // WCAG 2.1.4: single keys can be turned off.
  let first = "";
  let forgets = 0;

  function show() {
    for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = !on;
    for (const toggle of document.querySelectorAll("[data-keys-switch]")) {
      toggle.hidden = false;
      toggle.textContent = on ? toggle.dataset.off : toggle.dataset.on;
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-switch]")) {
      on = !on;
      localStorage.setItem(STORED, on ? "on" : "off");
      show();
    }
    if (event.target.closest("[data-keys-help]")) help?.showModal();
  });

  const rows = () => [...document.querySelectorAll("[data-worklist] .work__what, [data-list] a[href]")];

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const row = document.activeElement?.closest(".work") ?? document.activeElement?.closest("li");
    const at = all.findIndex((link) => link === document.activeElement || (row && row.contains(link)));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
  }

  function claim() {
    const row = document.activeElement?.closest(".work") ?? document.querySelector("[data-worklist] .work");
    row?.querySelector(".work__act button")?.click();
  }

  // A button that shows a key is pressed by it. While it cannot be pressed, its reason is read out instead.
  function pressed(key) {
    const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!button) return null;
    return () => {
      if (button.disabled) document.getElementById(button.getAttribute("aria-describedby"))?.focus();
      else button.click();
    };
  }

  const go = (name) => document.querySelector(`.desk-nav a[data-go="${name}"]`)?.click();
  const keys = {
    "/": () => document.getElementById("desk-search")?.focus(),
    "?": () => help?.showModal(),
    j: () => move(1),
    k: () => move(-1),
    c: claim,
  };

  function forget() {
    clearTimeout(forgets);
    first = "";
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "Enter" && event.ctrlKey && field?.form && !event.defaultPrevented) {
      event.preventDefault();
      field.form.requestSubmit();
      return;
    }
    const types = field && !["radio", "checkbox", "button", "submit"].includes(field.type);
    if (!on || event.ctrlKey || event.metaKey || event.altKey || types || help?.open) return;
    const act = first ? () => go(event.key) : keys[event.key] ?? pressed(event.key);
    const begins = !first && event.key === "g";
    forget();
    if (begins) {
      first = event.key;
      forgets = setTimeout(forget, SECOND_KEY_WITHIN);
    }
    if (!act) return;
    event.preventDefault();
    act();
  });

  // What is shown for a reason comes without a new page, so that nothing typed is lost; a refusal is shown too.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "evidence" || event.detail.xhr.status >= 500) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "evidence") return;
    const shown = [...event.target.querySelectorAll("section.panel")];
    (event.target.querySelector("[data-focus-first]") ?? shown.at(-1))?.focus();
  });

  document.addEventListener("htmx:load", show);
  show();
})();
