// The worklist by keys: / searches, j and k go down and up, c claims, Enter opens. Without this script every row
// is a link and a button.
(() => {
  "use strict";

  const list = document.querySelector("[data-worklist]");
  const hint = document.querySelector("[data-keys]");
  const toggle = document.querySelector("[data-keys-switch]");
  const STORED = "countersign-worklist-keys";
  let on = localStorage.getItem(STORED) !== "off"; // WCAG 2.1.4: single keys can be turned off.

  function show() {
    hint.hidden = !list || !on;
    toggle.hidden = !list;
    toggle.textContent = on ? toggle.dataset.off : toggle.dataset.on;
  }

  toggle.addEventListener("click", () => {
    on = !on;
    localStorage.setItem(STORED, on ? "on" : "off");
    show();
  });

  const links = () => [...(list?.querySelectorAll(".work__what") ?? [])];
  const current = () => document.activeElement?.closest(".work");

  function move(step) {
    const all = links();
    if (!all.length) return;
    const at = all.findIndex((link) => link.closest(".work") === current());
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus();
  }

  function claim() {
    const row = current() ?? list?.querySelector(".work");
    row?.querySelector(".work__act button")?.click();
  }

  const keys = {
    "/": () => document.getElementById("desk-search")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    c: claim,
  };

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  show();
})();
