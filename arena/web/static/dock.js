// The dock: what may be done in the battle's present state, and where the focus goes when it changes.
(() => {
  const page = window.arenaPage ??= {};
  const one = (selector) => document.querySelector(selector);
  const loading = { state: "loading", actions: "", chosen: "" };
  page.state = () => one("#view [data-state]")?.dataset ?? loading;
  page.box = () => one("#prompt textarea");
  page.voteButtons = () => [...document.querySelectorAll("#vote-buttons button")];
  page.press = (id) => {
    const button = one(`button#${id}`);
    if (!button || button.disabled || !button.checkVisibility({ visibilityProperty: true })) return false;
    button.click();
    return true;
  };
  // Gradio knows what came some time before the page shows it. Looks are counted and no seconds: a page
  // that is busy drawing shows nothing meanwhile.
  page.whenShown = (isShown, go, looks = 60) => {
    if (isShown() || !looks) go(isShown());
    else setTimeout(() => page.whenShown(isShown, go, looks - 1), 16);
  };
  const byTouch = matchMedia("(pointer: coarse)");

  // The answers take the focus while there is nothing to write, so that keys vote.
  const focusAnswers = page.focusAnswers = () => {
    const arena = one("#arena");
    arena.tabIndex = -1;
    arena.focus({ preventScroll: true });
  };
  const isLost = (element) => !element || element === document.body
    || !element.checkVisibility({ visibilityProperty: true }) || element.disabled;
  const keepFocus = () => {
    if (!isLost(document.activeElement)) return;
    if (one("#arena").checkVisibility()) focusAnswers();
    else page.box()?.focus({ preventScroll: true });
  };

  // A window that is turned or made wider may hide the control that had the focus.
  window.addEventListener("resize", () => keepFocus());
  const isWriting = () => document.activeElement === page.box() && Boolean(page.box()?.value);
  const entered = {
    generating: () => {
      page.takeOut();
      page.promptBegins();
      if (!isWriting()) focusAnswers();
      page.turnBegins?.();
    },
    void: () => page.giveBack(),
    voted: () => (byTouch.matches ? focusAnswers() : page.box()?.focus({ preventScroll: true })),
    empty: () => { window.scrollTo(0, 0); page.box()?.focus({ preventScroll: true }); },
  };
  page.focusReasons = () => {
    const { chosen } = page.state();
    const side = chosen.startsWith("b") && !chosen.startsWith("both") ? "b" : "a";
    one(`#reasons-${side} input`)?.focus({ preventScroll: true });
  };
  const showNewTurn = () => {
    const bars = document.querySelectorAll("#follow-ups .prompt-bar");
    bars[bars.length - 1]?.scrollIntoView({ block: "start" });
  };

  // Enter that makes a new line asks for nothing.
  const asksByKey = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing
    && !(byTouch.matches && event.target === page.box());

  // A refusal belongs to the state in which it was given, of the battle and of the arena. Whoever
  // asks again may get the same one, which Gradio then leaves as it stands.
  const askAgain = (event) => {
    const isClick = event.type === "click";
    const asks = isClick ? event.target.closest?.("#dock button") : asksByKey(event);
    if (!asks) return;
    one("#refusal .past")?.classList.remove("past");
    const begins = isClick ? event.target.closest("#send, #retry, #continue") : event.target === page.box();
    if (begins) page.asks?.();
  };
  document.addEventListener("click", askAgain, true);
  document.addEventListener("keydown", askAgain, true);

  const OTHERS = ":is(#stop, #retry, #continue, #vote-earlier, #undo, #new-battle, #send, #vote-submit)";
  const enable = (controls, may) => {
    for (const control of controls) {
      if (control && control.disabled === may) control.disabled = !may;
    }
  };

  let before = "loading";
  let statusBefore;
  let chosenBefore = "";
  const apply = page.apply = () => {
    const { state, actions, chosen, ...labels } = page.state();
    if (state !== before) page.endSaving?.();
    page.label?.(labels);
    const waits = Boolean(page.waitsFor?.());
    enable([...page.voteButtons(), one("#recognised input")],
      actions.split(" ").includes("vote") && !waits && !page.isTurning());
    enable([...document.querySelectorAll(OTHERS)], !waits);
    const marked = chosen && `vote-${chosen.replaceAll("_", "-")}`;
    for (const button of page.voteButtons()) {
      if (marked) button.setAttribute("aria-pressed", String(button.id === marked));
      else button.removeAttribute("aria-pressed");
    }
    const status = one("#status")?.textContent;
    // Whoever reads that the battle is gone reads why.
    if ((state !== before && state !== "empty") || status !== statusBefore) {
      statusBefore = status;
      one("#refusal p")?.classList.add("past");
    }
    page.lookIfClosed?.(actions.split(" "));
    if (state !== before) {
      const from = before;
      before = state;
      page.answered?.();
      document.documentElement.classList.toggle("arena-begun", !["empty", "loading"].includes(state));
      if (from === "loading") {
        page.restoreDraft?.();
        page.forgetSent?.();
      } else page.tellOthers?.();
      if (from !== "loading" || state === "empty") entered[state]?.();
      // A battle that one comes back to can be voted on at once, unless one was writing.
      const isBack = from === "loading" ? state !== "empty" : from === "empty" && !entered[state];
      if (isBack && !page.box()?.value) focusAnswers();
      if (state === "generating" || isBack) requestAnimationFrame(showNewTurn);
    }
    if (chosen !== chosenBefore) {
      chosenBefore = chosen;
      if (chosen && state === "complete") requestAnimationFrame(page.focusReasons);
    }
    page.tellKeys?.();
    page.watchBox?.();
    keepFocus();
  };

  // The panel of reasons stands on the dock, which grows with the box.
  const measureDock = (dock) => new ResizeObserver(() => {
    document.documentElement.style.setProperty("--dock", `${dock.offsetHeight}px`);
  }).observe(dock);

  // Gradio mounts the page some time after this script has run, one control after the other, and
  // enables each when it does.
  const known = new WeakSet();
  new MutationObserver(() => {
    const view = one("#view");
    if (!view) return;
    const controls = [...page.voteButtons(), one("#recognised input")].filter(Boolean);
    const added = [view, one("#refusal"), one("#status"), ...controls]
      .filter((part) => part && !known.has(part));
    if (!added.length) return;
    if (!known.has(view)) measureDock(one("#dock"));
    const group = one("#vote-buttons");
    group?.setAttribute("role", "group");
    group?.setAttribute("aria-labelledby", "view");
    for (const part of added) {
      known.add(part);
      const isControl = controls.includes(part);
      new MutationObserver(apply).observe(part, isControl
        ? { attributeFilter: ["disabled"] }
        : { childList: true, subtree: true, attributes: true });
    }
    apply();
  }).observe(document, { childList: true, subtree: true });
})();
