// Makes the pages more comfortable; every one of them works without it.
// Copies references, keeps relative times fresh, shows times on the reader's clock, and stops a second press
// of a button while the first is on its way.
(() => {
  "use strict";

  const language = document.documentElement.lang || "en";

  const parts = (formatter, date) =>
    Object.fromEntries(formatter.formatToParts(date).map((part) => [part.type, part.value]));

  const sentences = new Intl.RelativeTimeFormat(language, { numeric: "always" });

  function relative(date) {
    const seconds = Math.trunc((date - Date.now()) / 1000);
    const size = Math.abs(seconds);
    if (size < 60) return null;
    const [amount, unit] =
      size < 3600 ? [60, "minute"] : size < 86400 ? [3600, "hour"] : [86400, "day"];
    return sentences.format(Math.trunc(seconds / amount), unit);
  }

  function onReadersClock(date) {
    const thisYear = date.getFullYear() === new Date().getFullYear();
    const formatter = new Intl.DateTimeFormat(language, {
      weekday: "short", day: "numeric", month: "short", year: "numeric",
      hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    const { weekday, day, month, year, hour, minute } = parts(formatter, date);
    return `${weekday} ${day} ${month}${thisYear ? "" : ` ${year}`}, ${hour}:${minute}`;
  }

  // "30 November 2026, 10:43 GMT+1": with the year and the zone, for what is printed.
  function inFullOnReadersClock(date) {
    const formatter = new Intl.DateTimeFormat(language, {
      day: "numeric", month: "long", year: "numeric",
      hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    });
    const { day, month, year, hour, minute, timeZoneName } = parts(formatter, date);
    return `${day} ${month} ${year}, ${hour}:${minute} ${timeZoneName}`;
  }

  function freshen(root) {
    for (const element of root.querySelectorAll("[data-ago]")) {
      const words = relative(new Date(element.dataset.ago));
      element.textContent = words ?? element.dataset.now;
    }
  }

  function localise(root) {
    for (const element of root.querySelectorAll("time[data-reader]")) {
      const shown = element.dataset.reader === "full" ? inFullOnReadersClock : onReadersClock;
      element.textContent = shown(new Date(element.dateTime));
      element.removeAttribute("data-reader");
    }
  }

  function offerCopies(root) {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      button.hidden = true; // The browser refuses: the reference can still be selected by hand.
      return;
    }
    const said = button.querySelector("[role=status]");
    said.textContent = button.dataset.copied;
    setTimeout(() => { said.textContent = ""; }, 2000);
  }

  function prepare(root) {
    localise(root);
    freshen(root);
    offerCopies(root);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
  });

  // What opens at the bottom of a low screen comes into view.
  document.addEventListener("toggle", (event) => {
    const opened = event.target;
    if (opened.open && opened.closest?.(".bar")) opened.scrollIntoView({ block: "end" });
  }, { capture: true });

  const onTheirWay = new Set();

  function release(form) {
    onTheirWay.delete(form);
    for (const button of document.querySelectorAll("[aria-busy=true]")) {
      if (button.form === form) button.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (onTheirWay.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    onTheirWay.add(form);
    event.submitter?.setAttribute("aria-busy", "true");
  }, { capture: true });

  // While a form is on its way the page looks for no news: an answer that loads the page again would lose the form's.
  // A form that its answer has replaced has arrived.
  for (const name of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
    document.addEventListener(name, (event) => {
      for (const form of onTheirWay) if (!form.isConnected) onTheirWay.delete(form);
      if (onTheirWay.size && !onTheirWay.has(event.target.closest?.("form"))) event.preventDefault();
    });
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  window.addEventListener("pageshow", () => onTheirWay.forEach(release));

  // What is true only while we answer is hidden when we do not, and its warning is shown instead.
  let heard = Date.now();

  function failClosed() {
    for (const live of document.querySelectorAll("[data-fresh-for]")) {
      const stale = Date.now() - heard > live.dataset.freshFor * 1000;
      live.hidden = stale;
      const warning = live.parentElement.querySelector("[data-stale]");
      if (warning) warning.hidden = !stale;
    }
  }

  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status >= 400) return;
    heard = Date.now();
    failClosed();
  });
  setInterval(failClosed, 1000);

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  document.querySelector("[data-focus-first]")?.focus();
  prepare(document);
  setInterval(() => freshen(document), 30000);
})();
