// Keys of the battle page: 1-4 vote, Enter starts the next battle, Escape stops.
// They are off while a field has focus. On a phone, a switch shows one answer at a time.
(() => {
  const votes = { 1: "vote-a-better", 2: "vote-b-better", 3: "vote-tie", 4: "vote-both-bad" };

  const typing = (element) =>
    element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName))
    && !/^(checkbox|radio|button)$/.test(element.type || "");

  const press = (id) => {
    const found = document.getElementById(id);
    const button = found && (found.tagName === "BUTTON" ? found : found.querySelector("button"));
    if (!button || button.disabled || button.offsetParent === null) return false;
    button.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") { press("stop"); return; }
    if (typing(document.activeElement)) return;
    if (votes[event.key] && press(votes[event.key])) event.preventDefault();
    const onControl = document.activeElement
      && /^(BUTTON|A|SUMMARY)$/.test(document.activeElement.tagName);
    const revealed = document.querySelector("[id^='reveal-'] article");
    if (event.key === "Enter" && revealed && !onControl && press("new-battle")) {
      event.preventDefault();
    }
  });

  // Votes are possible only when the server says so; it refuses them otherwise anyway.
  const follow = (view) => {
    let shown = null;
    const apply = () => {
      const state = view.querySelector("[data-actions]");
      if (state && state.dataset.state === "voted" && shown !== "voted") {
        document.getElementById("arena").scrollIntoView({ block: "start" });
      }
      shown = state && state.dataset.state;
      const may = state && state.dataset.actions.split(" ").includes("vote");
      for (const id of [...Object.values(votes), "recognised"]) {
        const found = document.getElementById(id);
        const control = found && (found.matches("button") ? found : found.querySelector("button, input"));
        if (control) control.disabled = !may;
      }
    };
    new MutationObserver(apply).observe(view, { childList: true, subtree: true, attributes: true });
    apply();
  };

  // Gradio mounts the page some time after this script has run.
  const mounted = new MutationObserver(() => {
    const view = document.getElementById("view");
    if (!view || !document.getElementById("vote-both-bad")) return;
    mounted.disconnect();
    follow(view);
  });
  mounted.observe(document, { childList: true, subtree: true });

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-show-slot]");
    if (tab) document.getElementById("arena").classList.toggle("shows-b", tab.dataset.showSlot === "b");
  });
})();
