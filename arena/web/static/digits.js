// A digit votes, or begins a prompt: «3 or 4?». What is pressed in the moment after it tells which; nothing
// takes a vote back.
(() => {
  const page = window.arenaPage ??= {};
  // Most people write a letter within this time of the one before, in milliseconds.
  const MOMENT = 300;

  // The key with the digit, whatever the layout writes with it, and full-width digits. On a number pad
  // the layout does not matter, and without Num Lock its keys scroll.
  page.digitOf = (event) => {
    const written = event.key.normalize("NFKC");
    if (/^[0-9]$/.test(written)) return written;
    return event.shiftKey ? "" : /^Digit([0-9])$/.exec(event.code)?.[1] ?? "";
  };

  let held = null;
  const letGo = () => {
    const one = held;
    held = null;
    clearTimeout(one.timer);
    one.button?.classList.remove("held");
    return one;
  };
  const act = () => letGo().act?.();
  page.holdDigit = (written, { button, act: does }) => {
    button?.classList.add("held");
    held = { written, button, act: does, timer: setTimeout(act, MOMENT) };
  };

  const writeOn = () => {
    const box = page.box();
    const { written } = letGo();
    box.focus({ preventScroll: true });
    page.write(box.value + written);
    box.setSelectionRange(box.value.length, box.value.length);
  };
  // Whether the key belongs to the digit before it.
  page.followsDigit = (event) => {
    if (!held || event.key === "Shift") return Boolean(held);
    if (event.key === "Escape") return Boolean(letGo().act);
    if (event.key.length === 1 || event.key === "Process") writeOn();
    else {
      act();
      return false;
    }
    return true;
  };
})();
