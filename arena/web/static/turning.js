// While the server is asked for another page (the one that is loaded, an empty one, the battle that was
// skipped), this one shows a battle that is about to go: it takes no vote, and a prompt that is sent waits
// for the page that it was meant for. Where that page does not come, the prompt stays in the box.
(() => {
  const page = window.arenaPage ??= {};
  let comes = "empty";
  let isAsked = false;
  page.isTurning = () => comes !== "";

  const turnTo = (what) => () => {
    comes = what;
    isAsked = false;
    page.apply();
    return [];
  };
  page.leaves = turnTo("empty");
  page.returns = turnTo("battle");
  const turned = (isThere) => {
    comes = "";
    page.apply();
    if (isAsked && !(isThere && page.press("send"))) page.promptReturns();
    isAsked = false;
  };
  page.turned = (view) => {
    const [, state] = /data-state="(\w+)"/.exec(view) ?? [];
    const isThere = (comes === "empty") === (state === "empty");
    if (!page.isTurning()) return;
    page.whenShown(() => page.state().state === state, (isShown) => turned(isShown && isThere));
  };

  page.sendsLater = () => {
    if (!page.isTurning()) return false;
    isAsked = true;
    page.takePrompt();
    return true;
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#send") || !page.sendsLater()) return;
    event.stopImmediatePropagation();
    event.preventDefault();
  }, true);
})();
