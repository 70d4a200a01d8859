// The evaluation page: copy buttons, keys, order by dragging, the switch on a phone, time of reading.
// All of it is comfort: the form is sent without it too.
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const ballot = one("form#ballot");
  const slots = all(".slot");

  // Copying: the exact texts, and the code of a block.
  for (const part of all("[data-source]")) {
    const text = JSON.parse(part.dataset.source);
    const { copied } = document.body.dataset;
    part.append(window.arenaPage.copyButton(part.dataset.copy, copied, () => text));
  }

  // Dialogs.
  for (const name of ["guidelines", "keys", "skip"]) {
    one(`#${name}-open`)?.addEventListener("click", () => one(`dialog#${name}`).showModal());
  }
  for (const button of all("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }

  // On a phone one answer is shown at a time.
  const scrolled = {};
  const show = (letter) => {
    const before = one(".slot.shown")?.dataset.slot;
    if (before) scrolled[before] = window.scrollY;
    for (const slot of slots) slot.classList.toggle("shown", slot.dataset.slot === letter);
    for (const button of all("[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === letter));
    }
    if (before && before !== letter && one(".slot-switch")?.checkVisibility()) {
      window.scrollTo(0, scrolled[letter] ?? 0);
    }
  };
  for (const button of all("[data-show]")) {
    button.addEventListener("click", () => show(button.dataset.show));
  }
  // What was in view when a ballot was sent stays in view on the page that says so.
  const SHOWN = "evaluate-shown";
  const sentFrom = ballot ? null : sessionStorage.getItem(SHOWN);
  sessionStorage.removeItem(SHOWN);
  const first = slots.find((slot) => slot.dataset.slot === sentFrom) ?? slots[0];
  if (first) show(first.dataset.slot);
  // What is missing may be hidden, and a browser speaks its own language: the page says it itself.
  const status = one("#status");
  const asked = status?.innerHTML;
  ballot?.addEventListener("change", () => {
    if (!status.dataset.missing) return;
    delete status.dataset.missing;
    status.classList.remove("error");
    status.innerHTML = asked;
  });
  ballot?.addEventListener("invalid", (event) => {
    event.preventDefault();
    const { target } = event;
    if (ballot.querySelector(":invalid:not(fieldset)") !== target) return;
    const slot = target.closest(".slot");
    if (slot && one("[data-show]")) show(slot.dataset.slot);
    const folded = target.closest("details");
    if (folded) folded.open = true;
    const missing = { "rank-": "missingRank", "score-": "missingScore" };
    const kind = missing[/^(?:rank|score)-/.exec(target.name)?.[0]] ?? "missingVerdict";
    status.dataset.missing = kind;
    status.classList.add("error");
    status.textContent = status.dataset[kind];
    target.focus();
  }, true);

  // Reasons and scores stand below the answers.
  one("#more-open")?.addEventListener("click", (event) => {
    event.preventDefault();
    one("#more").open = true;
    one("#more").scrollIntoView({ block: "start" });
    one("#more input, #more select, #more textarea").focus({ preventScroll: true });
  });

  // Ranks, and the same as an order of chips that can be dragged.
  const ranksOf = (slot) => all(`input[name="rank-${slot}"]`);
  const rankOf = (slot) => Number(ranksOf(slot).find((input) => input.checked)?.value ?? 0);
  const order = one("#order");
  const chips = () => all("li", order);
  const sortChips = () => {
    if (!order) return;
    const sorted = chips().map((chip, number) => [rankOf(chip.dataset.slot) || 99, number, chip])
      .sort(([one, first], [other, second]) => one - other || first - second);
    for (const [rank, , chip] of sorted) {
      if (rank === 99) delete chip.dataset.rank;
      else chip.dataset.rank = rank;
      order.append(chip);
    }
  };
  const rankAsOrdered = () => {
    chips().forEach((chip, number) => { ranksOf(chip.dataset.slot)[number].checked = true; });
    sortChips();
  };
  let dragged = null;
  order?.addEventListener("pointerdown", (event) => {
    dragged = event.target.closest("li");
    dragged?.setPointerCapture(event.pointerId);
    dragged?.classList.add("dragged");
  });
  order?.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest("#order li");
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientX < box.left + box.width / 2) over.before(dragged);
    else over.after(dragged);
    dragged.moved = true;
  });
  const drop = () => {
    dragged?.classList.remove("dragged");
    if (dragged?.moved) { delete dragged.moved; rankAsOrdered(); }
    dragged = null;
  };
  order?.addEventListener("pointerup", drop);
  order?.addEventListener("pointercancel", drop);
  order?.addEventListener("dragstart", (event) => event.preventDefault());
  ballot?.addEventListener("change", sortChips);
  sortChips();

  // Keys.
  const focusSlot = (letter) => {
    const inputs = ranksOf(letter);
    if (!inputs.length) return false;
    if (one("[data-show]")) show(letter);
    one(`#slot-${letter}`).scrollIntoView({ block: "nearest" });
    (inputs.find((input) => input.checked) ?? inputs[0]).focus({ preventScroll: true });
    return true;
  };
  const inFocus = () => document.activeElement?.closest(".slot")?.dataset.slot;
  const nextWithoutRank = () => slots.map((slot) => slot.dataset.slot).find((slot) => !rankOf(slot));
  const rank = (number) => {
    const slot = inFocus() ?? nextWithoutRank();
    const input = slot && ranksOf(slot)[number - 1];
    if (!input) return false;
    input.click();
    const next = nextWithoutRank();
    if (next) focusSlot(next);
    else one("#vote-submit").focus({ preventScroll: true });
    return true;
  };
  const choose = (number) => {
    const input = all('.verdict-buttons input')[number - 1];
    if (!input) return false;
    input.click();
    input.focus({ preventScroll: true });
    return true;
  };
  const digitOf = (event) => {
    const written = event.key.normalize("NFKC");
    if (/^[1-9]$/.test(written)) return Number(written);
    return event.shiftKey ? 0 : Number(/^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? 0);
  };
  const writes = (element) => element?.matches?.("textarea, select, input:not([type=radio], [type=checkbox])");
  const act = (event) => {
    const digit = digitOf(event);
    if (digit) return order ? rank(digit) : choose(digit);
    if (/^[a-h]$/i.test(event.key) && order) return focusSlot(event.key.toLowerCase());
    if (event.key === "?") { one("#keys").showModal(); return true; }
    if (/^j$/i.test(event.key) && one("#guidelines-open")) { one("#guidelines-open").click(); return true; }
    if (/^u$/i.test(event.key) && one("#undo")) { one("#undo").click(); return true; }
    if (event.key !== "Enter" || document.activeElement?.matches("a, button, summary")) return false;
    if (ballot) { ballot.requestSubmit(); return true; }
    one("#next")?.click();
    return Boolean(one("#next"));
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (one("dialog[open]") || writes(document.activeElement)) return;
    if (act(event)) event.preventDefault();
  });
  one("#next")?.focus({ preventScroll: true });

  // How long the item was in view, and how far down each answer was, between header and dock.
  let seen = 0;
  let since = document.hidden ? null : performance.now();
  const pause = () => { if (since !== null) seen += performance.now() - since; since = null; };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) pause();
    else since = performance.now();
  });
  const shares = new Map();
  const look = () => {
    const first = Math.max(0, one("#header").getBoundingClientRect().bottom);
    const last = Math.min(window.innerHeight, one("#dock")?.getBoundingClientRect().top ?? Infinity);
    for (const body of all(".slot .answer-body")) {
      const { top, bottom, height } = body.getBoundingClientRect();
      if (!height || top >= last || bottom <= first) continue;
      shares.set(body, Math.max(shares.get(body) ?? 0, Math.min(1, (last - top) / height)));
    }
  };
  const depthOf = (slot) => {
    const shown = all(".answer-body", slot).map((body) => [shares.get(body) ?? 0, body.textContent.length]);
    const whole = shown.reduce((sum, [, length]) => sum + length, 0);
    return whole ? shown.reduce((sum, [share, length]) => sum + share * length, 0) / whole : 1;
  };
  document.addEventListener("scroll", look, { passive: true });
  window.addEventListener("resize", look);
  for (const button of all("[data-show]")) button.addEventListener("click", look);
  look();

  // A ballot is sent once.
  let sent = false;
  ballot?.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    sessionStorage.setItem(SHOWN, one(".slot.shown")?.dataset.slot ?? "");
    pause();
    ballot.elements.visible_s.value = (seen / 1000).toFixed(1);
    look();
    for (const slot of slots) {
      ballot.elements[`depth-${slot.dataset.slot}`].value = depthOf(slot).toFixed(3);
    }
  });
  window.addEventListener("pageshow", () => { sent = false; });
})();
