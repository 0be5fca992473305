// Says that new work has come up in the open worklist: to a screen reader, and as a notification where it is allowed
// and the page is not looked at. A notification counts; it names nobody.
(() => {
  "use strict";

  const STORED = "countersign-notify";
  const ask = document.querySelector("[data-notify]");
  const news = document.getElementById("news");
  const rows = () => new Set([...document.querySelectorAll("[data-worklist] .work__what")].map((row) => row.id));
  let known = rows();

  const wanted = () => localStorage.getItem(STORED) === "on" && Notification.permission === "granted";

  function offer() {
    ask.hidden = !("Notification" in window) || Notification.permission === "denied" || wanted();
  }

  ask.addEventListener("click", async () => {
    if ((await Notification.requestPermission()) === "granted") localStorage.setItem(STORED, "on");
    offer();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "worklist-live") return;
    const now = rows();
    const fresh = [...now].filter((id) => !known.has(id)).length;
    known = now;
    if (!fresh) return;
    const words = fresh === 1 ? news.dataset.newsOne : news.dataset.newsMany.replace("#", fresh);
    news.textContent = words;
    if (document.hidden && "Notification" in window && wanted()) {
      const shown = new Notification(ask.dataset.title, { body: words, tag: "countersign-worklist" });
      shown.addEventListener("click", () => window.focus());
    }
  });

  offer();
})();
