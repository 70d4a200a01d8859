// Keys of the battle page: digits vote in the order of the buttons, those above press the other controls,
// arrows move between the votes, Enter goes on after a vote, Escape stops, takes a skip back and leaves the
// box, ? lists the keys, a letter goes to the box. They are off while a field has the focus.
(() => {
  const page = window.arenaPage ??= {};
  const byTouch = matchMedia("(pointer: coarse)");
  const isField = (element) => element?.isContentEditable
    || (/^(INPUT|TEXTAREA|SELECT)$/.test(element?.tagName)
      && !/^(checkbox|radio|button)$/.test(element.type || ""));
  const isControl = (element) => /^(A|BUTTON|SUMMARY)$/.test(element?.tagName);

  const newestCopy = (slot) => [...document.querySelectorAll(`#${slot} .answer > .copy`)].at(-1);
  const copyAnswer = (slot) => {
    const button = newestCopy(slot);
    if (!button || getComputedStyle(button).visibility === "hidden") return false;
    button.copy().then(() => page.tell(button.told));
    return true;
  };
  const recognise = () => {
    const input = document.querySelector("#recognised input");
    if (!input || input.disabled) return false;
    input.click();
    return true;
  };
  const giveReasons = () => {
    const { state, chosen } = page.state();
    if (!chosen || state !== "complete") return false;
    const isAtChips = document.activeElement?.closest("#reason-chips");
    if (isAtChips) document.querySelector("#comment textarea")?.focus();
    else page.focusReasons();
    return true;
  };
  // More verdicts than four take the keys that come next.
  const OTHERS = {
    5: () => page.press("continue") || page.press("retry"),
    6: giveReasons,
    7: () => copyAnswer("slot-a"),
    8: () => copyAnswer("slot-b"),
    9: recognise,
    0: () => page.press("new-battle"),
  };
  // What it does if it is no text; what cannot be done as it is pressed is not done later. While reasons
  // are asked for, nothing is final.
  const holdDigit = (digit, { key }) => {
    const button = page.voteButtons()[Number(digit) - 1];
    const act = button ? () => page.press(button.id) : OTHERS[digit];
    if (page.state().chosen) return Boolean(act?.());
    page.holdDigit(key.length === 1 ? key : digit, button?.disabled ? {} : { button, act });
    return true;
  };
  const moveAmongVotes = (step) => {
    const buttons = page.voteButtons().filter((button) => !button.disabled);
    if (!buttons.length) return false;
    const at = buttons.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : buttons.length - 1) : at + step;
    buttons[Math.min(Math.max(next, 0), buttons.length - 1)].focus();
    return true;
  };
  const enter = () => {
    const { state, chosen } = page.state();
    if (isControl(document.activeElement)) return false;
    if (chosen && state === "complete") return page.press("vote-submit");
    return state === "voted" && page.press("new-battle");
  };

  const act = (event) => {
    const digit = page.digitOf(event);
    if (digit) return holdDigit(digit, event);
    if (event.key === "ArrowLeft") return moveAmongVotes(-1);
    if (event.key === "ArrowRight") return moveAmongVotes(1);
    if (event.key === "Enter") return enter();
    if (event.key === "?") return page.showKeys();
    return false;
  };

  // Whoever begins to write writes a prompt: the box takes the focus before the letter comes, and no
  // digit behind it votes.
  const beginsText = (event) => /^\p{L}$/u.test(event.key) || event.key === "Process";

  // A prompt is on its way for a moment before its turn begins: Escape stops that turn as it begins.
  let isAsked = false;
  let stopsAtOnce = false;
  page.asks = () => {
    isAsked = true;
    stopsAtOnce = false;
  };
  page.turnBegins = () => {
    if (stopsAtOnce) requestAnimationFrame(() => page.press("stop"));
    stopsAtOnce = false;
  };
  page.answered = () => {
    isAsked = false;
  };
  const OPEN = ["complete", "stopped", "void"];
  const escape = (focused) => {
    stopsAtOnce = !page.press("stop") && isAsked;
    const isInBox = focused === page.box();
    if (stopsAtOnce || (isField(focused) && !isInBox) || page.press("undo")) return;
    if (isInBox && OPEN.includes(page.state().state)) page.focusAnswers();
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const focused = document.activeElement;
    if (!event.repeat && page.followsDigit(event)) return;
    if (event.key === "Escape") {
      escape(focused);
      return;
    }
    // What scrolls by itself needs the arrows.
    const scrolls = /^Arrow/.test(event.key) && focused?.closest("[tabindex='0']:not(button)");
    if (event.repeat || isField(focused) || scrolls) return;
    if (act(event)) event.preventDefault();
    else if (beginsText(event)) page.box()?.focus({ preventScroll: true });
  });

  // Gradio's check boxes would toggle with Enter.
  document.addEventListener("keydown", (event) => {
    const isChip = event.key === "Enter" && event.target.matches?.("#reasons input[type=checkbox]");
    if (!isChip || event.isComposing) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    page.press("vote-submit");
  }, true);

  // In the box, before Gradio hears of it (by keypress): an input method's Enter is its own; on a
  // phone Return is a new line; while a vote is saved nothing is sent, while another page comes it waits;
  // after a vote an empty box starts anew.
  const inBox = (event) => {
    if (event.key !== "Enter" || event.target !== page.box()) return;
    if (event.isComposing || event.keyCode === 229 || byTouch.matches) {
      event.stopImmediatePropagation();
    } else if (page.waitsFor() && !event.shiftKey) {
      event.stopImmediatePropagation();
      event.preventDefault();
    } else if (!event.shiftKey && page.state().state === "voted" && !event.target.value.trim()) {
      event.stopImmediatePropagation();
      event.preventDefault();
      page.press("new-battle");
    } else if (!event.shiftKey && page.sendsLater()) {
      event.stopImmediatePropagation();
      event.preventDefault();
    } else if (!event.shiftKey) {
      page.takePrompt();
    }
  };
  document.addEventListener("keydown", inBox, true);
  document.addEventListener("keypress", inBox, true);

  // The list says what each key presses; so do the controls.
  page.tellKeys = () => {
    const newest = ["slot-a", "slot-b"].map(newestCopy);
    for (const copy of document.querySelectorAll(".answer > .copy[aria-keyshortcuts]")) {
      if (newest.includes(copy)) continue;
      copy.ariaKeyShortcuts = null;
      copy.title = copy.ariaLabel;
    }
    for (const term of document.querySelectorAll("#keys-dialog dt[data-presses]")) {
      const key = term.textContent;
      for (const id of term.dataset.presses.split(" ")) {
        const control = id.startsWith("slot-") ? newestCopy(id) : document.querySelector(`#${id}`);
        if (!control || control.ariaKeyShortcuts === key) continue;
        control.ariaKeyShortcuts = key;
        control.title = `${control.ariaLabel ?? term.nextElementSibling.textContent} · ${key}`;
      }
    }
    page.voteButtons().forEach((button, number) => {
      button.ariaKeyShortcuts = String(number + 1);
    });
  };
  document.addEventListener("arena-drawn", page.tellKeys);

  page.showKeys = () => {
    document.querySelector("#keys-dialog")?.showModal();
    return true;
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#keys-button")) page.showKeys();
  });
})();
