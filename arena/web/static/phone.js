// On a phone one answer is shown at a time: a switch in the dock, a swipe, a scroll position for each
// side within the turn that is read, and a dot on the side that has something unread.
(() => {
  const narrow = matchMedia("(max-width: 700px)");
  const arena = () => document.querySelector("#arena");
  const buttons = () => [...document.querySelectorAll("[data-show-slot]")];
  const lengths = { a: 0, b: 0 };
  const read = { a: 0, b: 0 };
  const scrolled = { a: 0, b: 0 };
  const shown = () => (arena()?.classList.contains("shows-b") ? "b" : "a");

  const mark = () => {
    read[shown()] = lengths[shown()];
    for (const button of buttons()) {
      const slot = button.dataset.showSlot;
      button.setAttribute("aria-pressed", String(slot === shown()));
      button.querySelector(".unread").hidden = lengths[slot] <= read[slot];
    }
  };

  // The turn that is read, from 0: the one whose prompt stands below the headings, or is gone behind them.
  const barsOf = () => [...document.querySelectorAll("#follow-ups .prompt-bar")];
  const turnRead = () => {
    const line = document.querySelector("#headings").getBoundingClientRect().bottom + 40;
    return barsOf().filter((bar) => bar.getBoundingClientRect().top < line).length;
  };
  const goTo = (turn) => {
    const bar = barsOf()[turn - 1];
    if (bar) bar.scrollIntoView({ block: "start" });
    else window.scrollTo(0, 0);
  };
  const show = (slot) => {
    if (slot === shown()) return;
    const turn = turnRead();
    scrolled[shown()] = window.scrollY;
    arena().classList.toggle("shows-b", slot === "b");
    window.scrollTo(0, scrolled[slot]);
    if (turnRead() !== turn) goTo(turn);
    mark();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-show-slot]");
    if (button) show(button.dataset.showSlot);
    const heading = narrow.matches && !event.target.closest?.("a") && event.target.closest?.("#heading-a, #heading-b");
    if (heading) show(heading.id.slice("heading-".length));
  });
  document.addEventListener("arena-drawn", ({ detail }) => {
    const slot = detail.slice("slot-".length);
    lengths[slot] = [...document.querySelectorAll(`#${detail} .answer`)]
      .reduce((sum, answer) => sum + answer.text.length, 0);
    if (!lengths[slot]) { read[slot] = 0; scrolled[slot] = 0; }
    if (!lengths.a && !lengths.b) arena()?.classList.remove("shows-b");
    mark();
  });

  let start = null;
  document.addEventListener("touchstart", (event) => {
    const [touch] = event.touches;
    const inside = event.target.closest?.("#slots");
    const scrolls = event.target.closest?.(".code, .table, math[display='block']");
    start = narrow.matches && inside && !scrolls && event.touches.length === 1
      ? { x: touch.clientX, y: touch.clientY } : null;
  }, { passive: true });
  document.addEventListener("touchend", (event) => {
    if (!start) return;
    const [touch] = event.changedTouches;
    const across = touch.clientX - start.x;
    const down = touch.clientY - start.y;
    start = null;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) show(across < 0 ? "b" : "a");
  }, { passive: true });
})();
