// Opens areas of a covered page by drawing on its picture, and shows what the numbers open. The numbers are the form:
// without this script they are typed.
(() => {
  "use strict";

  const form = document.querySelector("form[data-redact]");
  if (!form) return;
  document.querySelector("[data-how]").hidden = false;

  const SIDES = ["left", "top", "width", "height"];
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const TAP = 1.5; // What is smaller, in percent, is a tap and no area.
  const within = (value, least, most) => Math.min(Math.max(value, least), most);

  form.querySelectorAll("[data-page]").forEach((page) => {
    const sheet = page.querySelector("[data-sheet]");
    const image = sheet.querySelector("img");
    const black = sheet.querySelector("path");
    const areas = [...page.querySelectorAll("[data-area]")].map((set) => ({
      set,
      inputs: SIDES.map((side) => set.querySelector(`input[name$=_${side}]`)),
      draw: set.querySelector("[data-draw]"),
      cover: set.querySelector("[data-cover]"),
    }));
    let armed = null; // The area that is drawn next.
    let corner = null; // Where the drawing began.

    const isEmpty = (area) => area.inputs.every((input) => input.value === "");
    const read = (area) => area.inputs.map((input) => Number(input.value || 0));

    function write(area, values) {
      area.inputs.forEach((input, place) => {
        input.value = values === null ? "" : values[place];
      });
      show();
    }

    function show() {
      const open = areas.filter((area) => !isEmpty(area)).map(read);
      const holes = open.map(([x, y, w, h]) => `M${x} ${y}h${w}v${h}h${-w}Z`);
      black.setAttribute("d", `M0 0H100V100H0Z${holes.join("")}`);
      const next = areas.find(isEmpty);
      for (const area of areas) {
        area.set.hidden = isEmpty(area) && area !== next && area !== armed;
        area.cover.hidden = isEmpty(area);
      }
    }

    function arm(area) {
      armed = area;
      for (const one of areas) one.draw.setAttribute("aria-pressed", String(one === area));
      sheet.classList.toggle("is-armed", area !== null);
      show();
    }

    function at(event) {
      const box = sheet.getBoundingClientRect();
      const percent = (value, from, size) => within(Math.round((100 * (value - from)) / size), 0, 100);
      return [percent(event.clientX, box.left, box.width), percent(event.clientY, box.top, box.height)];
    }

    function between([ax, ay], [bx, by]) {
      const [x, y] = [Math.min(ax, bx, 99), Math.min(ay, by, 99)];
      return [x, y, Math.max(Math.abs(ax - bx), 1), Math.max(Math.abs(ay - by), 1)];
    }

    // A finger draws only once "Draw" was pressed: otherwise it scrolls the page, as everywhere.
    sheet.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !image.complete || (event.pointerType === "touch" && !armed)) return;
      if (!armed) arm(areas.find(isEmpty) ?? areas[areas.length - 1]);
      event.preventDefault();
      sheet.setPointerCapture(event.pointerId);
      corner ??= at(event);
      write(armed, between(corner, at(event)));
    });

    sheet.addEventListener("pointermove", (event) => {
      if (armed && corner) write(armed, between(corner, at(event)));
    });

    // The end of a drag, or the second of two taps; after the first tap the area waits for the other corner.
    sheet.addEventListener("pointerup", (event) => {
      if (!armed || !corner) return;
      const [, , width, height] = between(corner, at(event));
      if (width < TAP && height < TAP) return;
      write(armed, between(corner, at(event)));
      corner = null;
      arm(null);
    });

    sheet.addEventListener("pointercancel", () => {
      corner = null;
      arm(null);
    });

    for (const area of areas) {
      area.set.querySelector("[data-acts]").hidden = false;
      area.inputs.forEach((input) => input.addEventListener("input", show));
      area.draw.addEventListener("click", () => {
        corner = null;
        arm(armed === area ? null : area);
      });
      area.draw.addEventListener("keydown", (event) => {
        const way = ARROWS[event.key];
        if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        const [x, y, w, h] = isEmpty(area) ? [30, 40, 30, 5] : read(area);
        if (isEmpty(area)) return write(area, [x, y, w, h]);
        if (event.shiftKey) return write(area, [x, y, within(w + way[0], 1, 100 - x), within(h + way[1], 1, 100 - y)]);
        return write(area, [within(x + way[0], 0, 100 - w), within(y + way[1], 0, 100 - h), w, h]);
      });
      area.cover.addEventListener("click", () => {
        corner = null;
        write(area, null);
        arm(null);
        (areas.find(isEmpty) ?? area).draw.focus();
      });
    }
    show();
  });
})();
