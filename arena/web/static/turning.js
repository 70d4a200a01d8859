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
    if (isAsked && isThere) page.press("send");
    isAsked = false;
  };
  // Gradio knows what came some time before the page shows it.
  page.turned = (view) => {
    const [, state] = /data-state="(\w+)"/.exec(view) ?? [];
    const isThere = (comes === "empty") === (state === "empty");
    const latest = Date.now() + 1000;
    const finish = () => {
      const isShown = page.state().state === state;
      if (isShown || Date.now() > latest) turned(isShown && isThere);
      else setTimeout(finish, 16);
    };
    if (page.isTurning()) finish();
  };

  page.sendsLater = () => {
    isAsked ||= page.isTurning();
    return page.isTurning();
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#send") || !page.sendsLater()) return;
    event.stopImmediatePropagation();
    event.preventDefault();
  }, true);
})();
