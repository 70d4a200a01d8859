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
    const revealed = [...document.querySelectorAll("[id^='reveal-']")]
      .some((card) => card.offsetParent !== null);
    if (event.key === "Enter" && revealed && !onControl && press("new-battle")) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-show-slot]");
    if (tab) document.getElementById("arena").classList.toggle("shows-b", tab.dataset.showSlot === "b");
  });
})();
