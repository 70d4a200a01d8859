// What stands in the box when one sends it is the prompt; what is written after that is the next one. The
// prompt stays in sight until its turn begins or one writes on. If it is refused, it stands there again.
(() => {
  const page = window.arenaPage ??= {};
  let sent = null;
  let isWrittenOn = false;
  const isInBox = () => !isWrittenOn && page.box()?.value === sent;

  page.takePrompt = () => {
    if (sent !== null) return;
    sent = page.box()?.value ?? "";
    isWrittenOn = false;
  };
  const writeOn = () => {
    if (sent === null || !isInBox()) return;
    isWrittenOn = true;
    page.write("");
  };
  // What would be lost with the page.
  page.unsent = () => {
    const written = page.box()?.value ?? "";
    return sent === null || isInBox() ? written : [sent, written].filter(Boolean).join("\n");
  };

  // Around the event that sends, whose turn comes onto the page before or after the event has ended.
  page.sends = (prompt, ...others) => {
    sent ??= prompt;
    return [sent, ...others];
  };
  page.promptBegins = () => {
    if (sent !== null && isInBox()) page.write("");
    sent = null;
  };
  page.promptReturns = () => {
    const text = page.unsent();
    sent = null;
    if (page.box() && page.box().value !== text) page.write(text);
    page.answered?.();
  };
  page.promptEnded = (refusal) => {
    if (refusal) page.promptReturns();
    else page.whenShown(() => sent === null, page.promptBegins);
  };

  // The page is loaded: what it shows as a prompt already was sent before, or before this script came.
  page.forgetSent = () => {
    const newest = [...document.querySelectorAll("#first-prompt .prompt-bar, #follow-ups .prompt-bar")].at(-1);
    if (newest && newest.text === page.box()?.value) page.write("");
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#send")) page.takePrompt();
  }, true);
  document.addEventListener("beforeinput", (event) => {
    const isUndone = event.inputType.startsWith("history");
    if (event.target === page.box() && !isUndone) writeOn();
  }, true);
  // An input method takes the text as it is when its first key is pressed.
  document.addEventListener("keydown", (event) => {
    const isComposed = event.keyCode === 229 || event.key === "Dead";
    if (event.target === page.box() && isComposed && !event.isComposing) writeOn();
  }, true);
})();
