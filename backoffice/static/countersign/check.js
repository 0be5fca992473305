// The keys of a check of documents: yes, no, does not apply, next. Everything that they do can be done without them and
// without script. They are turned off with the other keys of the desk (WCAG 2.1.4).
(() => {
  "use strict";

  const STORED = "countersign-worklist-keys";
  const form = document.querySelector("form:has(.sheets)");
  if (!form) return;

  const questions = () =>
    [...form.querySelectorAll("fieldset")].filter((set) => set.querySelector("input[type=radio]"));
  const radios = (set) => [...set.querySelectorAll("input[type=radio]")];
  const chosen = (set) => radios(set).find((radio) => radio.checked);
  const first = (set) => (chosen(set) ?? radios(set)[0]).focus();

  // The question in which the focus is, else the first without an answer, else the first.
  function current() {
    const all = questions();
    const here = document.activeElement?.closest("fieldset");
    return all.find((set) => set === here) ?? all.find((set) => !chosen(set)) ?? all[0];
  }

  // Behind the last question: to the reason where a "no" needs one, else to the button that sends.
  function next(set) {
    const all = questions();
    const following = all[all.indexOf(set) + 1];
    if (following) return first(following);
    const reason = form.querySelector("textarea");
    const saysNo = all.some((one) => chosen(one)?.value === "no");
    (saysNo && reason && !reason.value ? reason : form.querySelector(".acts [type=submit]"))?.focus();
  }

  function answer(fits) {
    const set = current();
    const radio = radios(set).find(fits);
    if (!radio) return;
    radio.click();
    next(set);
  }

  const keys = {
    y: () => answer((radio) => radio.value === "yes"),
    n: () => answer((radio) => radio.value === "no"),
    x: () => answer((radio) => !["yes", "no"].includes(radio.value)),
    Enter: () => next(current()),
  };

  const WRITTEN_IN = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit])";

  // Enter goes on only from an answer: anywhere else it does what it always does.
  function takes(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !keys[event.key]) return false;
    if (localStorage.getItem(STORED) === "off" || document.querySelector("dialog[open]")) return false;
    if (event.key === "Enter") return event.target.matches("input[type=radio]") && form.contains(event.target);
    return !event.target.closest(WRITTEN_IN);
  }

  document.addEventListener("keydown", (event) => {
    if (!takes(event)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
