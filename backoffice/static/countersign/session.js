// Warns two minutes before the sign-in ends, and renews it on request. The server alone decides when it ends; other
// windows may have renewed it, so it is asked before anything is said. Without this script a line says until when.
(() => {
  "use strict";

  const LOOKS_EVERY = 1000;
  const ASKS_EVERY = 20000;
  const SAYS_FOR = 4000;
  let box = null;
  let ends = 0;
  let asked = 0;
  let said = "";

  const seconds = () => Math.round((ends - Date.now()) / 1000);
  const clock = () => new Date(ends).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  function found() {
    const here = document.querySelector("[data-sign-in-ends]");
    if (here && here !== box) {
      ends = Date.now() + Number(here.dataset.left) * 1000;
      asked = 0;
      said = "";
    }
    box = here;
    return box;
  }

  function say(kind) {
    if (said === kind) return;
    said = kind;
    box.toggleAttribute("data-shown", Boolean(kind));
    box.querySelector("[role=status]").textContent = kind ? box.dataset[kind].replace("{at}", clock()) : "";
    for (const one of box.querySelectorAll(".acts, .sign-in-ends__last")) one.hidden = !["soon", "now"].includes(kind);
  }

  async function ask(method) {
    asked = Date.now();
    const token = box.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    try {
      const answer = await fetch(box.dataset.address, { method, headers });
      if (answer.ok) ends = Date.now() + (await answer.json()).left * 1000;
      return answer.ok;
    } catch {
      return false; // No connection: what the page said last stays true.
    }
  }

  function show() {
    if (said === "stays") return;
    const left = seconds();
    if (left > Number(box.dataset.before)) say("");
    else if (left > 60) say("soon");
    else say(left > 0 ? "now" : "over");
  }

  async function look() {
    if (!found() || said === "over") return;
    const near = seconds() <= Number(box.dataset.before);
    if (near && Date.now() - asked > ASKS_EVERY) {
      const before = ends;
      if (await ask("GET") && ends <= Date.now()) ends = Math.min(before, Date.now());
    }
    show();
  }

  async function renew() {
    if (!(await ask("POST"))) return;
    if (seconds() <= 0) {
      show();
      return;
    }
    said = "";
    say("stays");
    setTimeout(() => { said = "soon"; show(); }, SAYS_FOR);
  }

  document.addEventListener("click", (event) => {
    if (box && event.target.closest("[data-sign-in-ends] button")) renew();
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOKS_EVERY);
  look();
})();
