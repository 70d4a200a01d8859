// Keys of the battle page: 1, 2, 3 and so on vote in the order of the buttons, Enter starts the next battle, Escape stops.
// They are off while a field has focus. On a phone, a switch shows one answer at a time.
(() => {
  // What a message brings along may look like the page's own elements: it is never taken for them.
  const isOwn = (element) => !element.closest(".chat");
  const own = (selector) => [...document.querySelectorAll(selector)].find(isOwn) ?? null;

  const typing = (element) =>
    element && isOwn(element)
    && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName))
    && !/^(checkbox|radio|button)$/.test(element.type || "");

  const voteButtons = () => [...(own("#vote-buttons")?.querySelectorAll("button") ?? [])];

  const pressButton = (button) => {
    if (!button || button.disabled || button.offsetParent === null) return false;
    button.click();
    return true;
  };
  const press = (id) => {
    const found = own(`#${id}`);
    return pressButton(found && (found.tagName === "BUTTON" ? found : found.querySelector("button")));
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") { press("stop"); return; }
    if (typing(document.activeElement)) return;
    if (/^[1-9]$/.test(event.key) && pressButton(voteButtons()[event.key - 1])) event.preventDefault();
    const focused = document.activeElement;
    const onControl = focused && (focused.tagName === "A"
      || (isOwn(focused) && /^(BUTTON|SUMMARY)$/.test(focused.tagName)));
    const revealed = own("[id^='reveal-'] article");
    if (event.key === "Enter" && revealed && !onControl && press("new-battle")) {
      event.preventDefault();
    }
  });

  // Nothing of a message acts: it names nothing that the page, a label or a tool could mean, and its
  // buttons, labels and forms do not reach the page or the server.
  const borrowed = ["id", "name", "for", "form", "autofocus", "contenteditable", "tabindex"];
  const giveBack = (element) => {
    if (!element.closest(".chat .message-content")) return;
    for (const name of borrowed) {
      // Mermaid finds the frame of its drawing by id (d + the diagram's own) while it draws.
      if (name !== "id" || !/^d?mermaid/.test(element.id)) element.removeAttribute(name);
    }
  };
  const borrowers = borrowed.map((name) => `[${name}]`).join();
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      giveBack(target);
      for (const added of addedNodes) {
        if (added.nodeType !== Node.ELEMENT_NODE) continue;
        [added, ...added.querySelectorAll(borrowers)].forEach(giveBack);
      }
    }
  }).observe(document, { childList: true, subtree: true, attributeFilter: borrowed });

  const inMessage = (event) => event.target.closest?.(".chat .message-content");
  document.addEventListener("submit", (event) => {
    if (inMessage(event)) event.preventDefault();
  }, true);
  document.addEventListener("click", (event) => {
    const leads = event.target.closest?.("a[href], summary") && !event.target.closest("label");
    if (inMessage(event) && !leads) event.preventDefault();
  }, true);

  // A message that is shown as text is sent as HTML: what is copied is the text.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".chat .message-buttons button");
    const message = button?.closest(".message-row");
    const blocks = [...(message?.querySelectorAll(".message-content > .md > pre.verbatim") ?? [])];
    if (!blocks.length) return;
    const text = blocks.map((block) => block.textContent).join("");
    if (navigator.clipboard) {
      // For the one call that Gradio makes now.
      navigator.clipboard.writeText = () => {
        delete navigator.clipboard.writeText;
        return navigator.clipboard.writeText(text);
      };
    } else {
      document.addEventListener("copy", (copying) => {
        copying.clipboardData.setData("text/plain", text);
        copying.preventDefault();
      }, { once: true });
    }
  }, true);

  // Votes are possible only when the server says so; it refuses them otherwise anyway.
  const follow = (view) => {
    let shown = null;
    const apply = () => {
      const state = view.querySelector("[data-actions]");
      if (state && state.dataset.state === "voted" && shown !== "voted") {
        own("#arena").scrollIntoView({ block: "start" });
      }
      shown = state && state.dataset.state;
      const may = Boolean(state && state.dataset.actions.split(" ").includes("vote"));
      for (const control of [...voteButtons(), own("#recognised")?.querySelector("input")]) {
        if (control && control.disabled === may) control.disabled = !may;
      }
      const chosen = state && state.dataset.chosen && `vote-${state.dataset.chosen.replaceAll("_", "-")}`;
      for (const button of voteButtons()) {
        if (button.id === chosen) button.setAttribute("aria-pressed", "true");
        else button.removeAttribute("aria-pressed");
      }
    };
    new MutationObserver(apply).observe(view, { childList: true, subtree: true, attributes: true });
    return apply;
  };

  // Gradio mounts the page some time after this script has run, one button after the other, and
  // enables each when it does.
  const known = new WeakSet();
  let apply = null;
  new MutationObserver(() => {
    const view = own("#view");
    const added = voteButtons().filter((button) => !known.has(button));
    if (!view || !added.length) return;
    apply ??= follow(view);
    for (const button of added) {
      known.add(button);
      new MutationObserver(apply).observe(button, { attributeFilter: ["disabled"] });
    }
    apply();
  }).observe(document, { childList: true, subtree: true });

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-show-slot]");
    if (tab && isOwn(tab)) own("#arena").classList.toggle("shows-b", tab.dataset.showSlot === "b");
  });
})();
