// Keeps "who of us is on the telephone with you" true: by a stream, or by asking where there is none. It believes
// nothing for longer than it is good for: without news it says by itself that we cannot check.
(() => {
  "use strict";

  const box = document.querySelector("[data-live-calls]");
  if (!box) return;

  const LOOKS_EVERY = 500;
  const STREAM_SILENT = 7; // Seconds; the stream says something every five.
  const ASKS_EVERY = { shown: 2, quiet: 5 };
  const STREAM_AGAIN = 10;
  const HIDDEN_FOR = 60;
  const SIGNED_OUT = "signed_out"; // Known by the script alone: a page that is made says so by the sign-in.
  const PATIENCE = 3000;
  const told = box.dataset;
  const quiet = "quiet" in told;
  const place = box.querySelector("[data-live-shown]");
  const title = document.title;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: told.zone });

  let goodFor = Number(told.goodFor); // Seconds from when we heard it; at first, from when the page was asked for.
  let steady = 0;
  let wall = performance.timeOrigin;
  let shown = told.state;
  let proven = shown; // The state for which the proofs on the page were made.
  let key = "";
  let on = !box.hidden;
  let somebody = "somebody" in told; // The reader says that somebody is on the telephone.
  let denied = shown === "not_us"; // Looked after they said so: it was not us.
  let source = null;
  let opened = -Infinity;
  let asked = -Infinity;
  let asking = false;
  let hidden = 0;

  // Seconds since the news. A telephone that slept stops one of the two clocks; one that was set back is not believed.
  function since() {
    const passed = Date.now() - wall;
    return passed < -1000 ? Infinity : Math.max(passed, performance.now() - steady) / 1000;
  }

  const ours = (state) => ["calling", "talking"].includes(state);
  const visible = () => !quiet || !box.hidden;
  const value = (name, call) =>
    name === "since" ? clock.format(new Date(call.since * 1000)) : String(call[name]);

  // A sentence in a span; a case's reference and a number stay on one line.
  function filled(sentence, call) {
    const span = document.createElement("span");
    for (const part of sentence.split(/(\{\w+\})/)) {
      const name = part.slice(1, -1);
      const isPlace = part.startsWith("{");
      if (!isPlace || !["case", "number"].includes(name)) {
        span.append(isPlace ? value(name, call) : part);
        continue;
      }
      const together = document.createElement("span");
      together.className = "nowrap";
      together.textContent = value(name, call);
      span.append(together);
    }
    return span;
  }

  const plain = (node) => node.textContent.replace(/\s+/g, " ").trim();
  const which = (name, call) => (call.agent ? (call.case ? name : `${name}WithoutCase`) : `${name}Voice`);
  const about = (name, call) => filled(told[which(name, call)], call);

  const put = (parent, sentences) => parent.replaceChildren(...sentences.flatMap((span) => [span, " "]));

  function show(state, calls = []) {
    const now = JSON.stringify([state, calls]);
    if (now === key) return;
    key = now;
    shown = state;
    box.dataset.state = state;
    const content = box.querySelector(`template[data-live-of="${state}"]`).content.cloneNode(true);
    if (calls.length) {
      const talking = calls.filter((call) => call.talking);
      const titles = content.querySelector("[data-live-titles]");
      if (talking.length) put(titles, talking.map((call) => about("talking", call)));
      put(content.querySelector("[data-live-lines]"), [
        ...calls.filter((call) => !call.talking).map((call) => about("calling", call)),
        ...calls.filter((call) => call.number).map((call) => filled(told.number, call)),
      ]);
    }
    if (plain(content) !== plain(place)) place.replaceChildren(content); // What stands there is not read out again.
    buttons();
    if (quiet && on) box.hidden = false;
    name();
    prove();
  }

  // What both show each other needs the session, so it is loaded: only on this page, and only when the call goes on.
  function prove() {
    const proofs = document.getElementById("proof");
    if (!proofs || proven === shown) return;
    proven = shown;
    proofs.replaceChildren();
    if (ours(shown)) {
      window.htmx.ajax("GET", location.pathname, { target: proofs, select: "#proof", swap: "outerHTML" });
    }
  }

  // The title says it too, for whoever looks at another tab.
  function name() {
    const words = place.querySelector("h2")?.textContent.trim();
    document.title = visible() && words && !(quiet && shown === "nobody") ? `${words} ${title}` : title;
  }

  // Who is signed out reads that first: it holds until an answer comes for somebody who is signed in.
  const cannotCheck = () => { denied = false; if (shown !== SIGNED_OUT) show("cannot_check"); };

  function take(message) {
    steady = performance.now();
    wall = Date.now();
    goodFor = message.good_for;
    on = message.on;
    if (message.state !== "nobody") {
      if (message.state !== "cannot_check") setSomebody(false);
      denied = false;
    } else if (somebody) {
      if (!denied && message.age <= Number(told.deniedWithin)) denied = true;
      if (!denied) {
        cannotCheck();
        return;
      }
    }
    show(somebody && denied ? "not_us" : message.state, message.calls);
  }

  function signedOut() {
    close();
    on = false;
    show(SIGNED_OUT);
  }

  // Whether the sign-in lasts; then the page has got another ticket.
  async function signedIn() {
    const ticket = await get(told.ticket);
    if (ticket.type === "opaqueredirect") signedOut();
    return ticket.ok;
  }

  async function ask() {
    if (asking) return;
    asking = true;
    asked = performance.now();
    try {
      if (shown !== SIGNED_OUT || (await signedIn())) {
        let answer = await get(told.poll);
        if (answer.status === 401 && (await signedIn())) answer = await get(told.poll);
        if (answer.ok) take(await answer.json());
      }
    } catch {
      // No answer: what is shown grows old.
    }
    asking = false;
  }

  const get = (address) =>
    fetch(address, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });

  function open() {
    opened = performance.now();
    source = new EventSource(told.streams, { withCredentials: true });
    source.onmessage = (event) => take(JSON.parse(event.data));
    // It may have ended because somebody signed out: then no name may stand here any longer.
    source.onerror = () => { if (ours(shown)) signedIn().catch(() => {}); };
  }

  function close() {
    source?.close();
    source = null;
  }

  const passed = (moment) => (performance.now() - moment) / 1000;

  function look() {
    hidden = document.hidden && !on ? hidden + LOOKS_EVERY / 1000 : 0;
    if (hidden > HIDDEN_FOR) {
      close();
      document.title = title;
      return;
    }
    if (since() > goodFor && visible()) cannotCheck();
    const signed = shown !== SIGNED_OUT;
    if (signed && (!source || source.readyState === EventSource.CLOSED) && passed(opened) > STREAM_AGAIN) open();
    const streams = source?.readyState === EventSource.OPEN;
    const every = streams ? STREAM_SILENT : signed ? ASKS_EVERY[visible() ? "shown" : "quiet"] : STREAM_AGAIN;
    if (passed(Math.max(asked, steady)) > every) ask();
  }

  function setSomebody(is) {
    somebody = is;
    buttons();
  }

  // While one of our calls is on there is nothing to say: the page says who is to be heard.
  function buttons() {
    const isOn = ours(shown) || shown === SIGNED_OUT;
    for (const button of document.querySelectorAll("[data-somebody-here]")) button.hidden = somebody || isOn;
    for (const button of document.querySelectorAll("[data-nobody]")) button.hidden = !somebody || isOn;
  }

  document.addEventListener("click", (event) => {
    const here = event.target.closest("[data-somebody-here]");
    const gone = event.target.closest("[data-nobody]");
    if (!here && !gone) return;
    event.preventDefault();
    setSomebody(Boolean(here));
    denied = false;
    if (shown === "nobody" || shown === "not_us") show("looking");
    ask();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); ask(); } });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  setSomebody(somebody);
  name();
  setInterval(look, LOOKS_EVERY);
  open();
})();
