// The box in which prompts are written, and what it and the button beside it are called.
(() => {
  const page = window.arenaPage ??= {};
  const one = (selector) => document.querySelector(selector);
  page.write = (text) => {
    page.box().value = text;
    page.box().dispatchEvent(new Event("input", { bubbles: true }));
  };
  page.takeExample = (text) => {
    page.box()?.focus();
    return text;
  };

  // The prompt of a battle that came to nothing goes back into the box, unless something stands there
  // by now; the next try takes it out again.
  let givenBack = null;
  page.giveBack = () => {
    const bars = document.querySelectorAll("#first-prompt .prompt-bar, #follow-ups .prompt-bar");
    if (!bars.length || page.box()?.value !== "") return;
    givenBack = bars[bars.length - 1].text;
    page.write(givenBack);
  };
  page.takeOut = () => {
    if (givenBack !== null && page.box()?.value === givenBack) page.write("");
    givenBack = null;
  };

  // A prompt that is too long is told of as it is written. The server counts characters, not their halves.
  document.addEventListener("input", ({ target }) => {
    const limit = one("#prompt-limit");
    if (target !== page.box() || !limit) return;
    const most = Number(limit.dataset.most);
    const length = target.value.length > most ? [...target.value].length : 0;
    page.warn(length > most ? limit.innerHTML.replace("{length}", length.toLocaleString("en-US")) : "");
  });

  // Gradio writes both labels once; what they say depends on the state.
  const textOf = (button) => button && document.createTreeWalker(button, NodeFilter.SHOW_TEXT,
    (node) => (node.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP)).nextNode();
  page.label = ({ leave, ask }) => {
    const box = page.box();
    if (ask && box && box.placeholder !== ask) box.placeholder = ask;
    const text = textOf(one("#new-battle"));
    if (leave && text && text.data.trim() !== leave) text.data = leave;
  };

  // A box of many lines stands over the votes: none of them is half seen, or pressed by chance.
  let watched = null;
  const resized = new ResizeObserver(([{ target }]) => {
    const isTall = target.offsetHeight > one("#prompt").offsetHeight + 8;
    document.documentElement.classList.toggle("arena-covered", isTall);
  });
  page.watchBox = () => {
    const box = page.box();
    if (!box || box === watched) return;
    watched = box;
    resized.disconnect();
    resized.observe(box);
  };

  // A box that loses the focus shows its first line.
  document.addEventListener("focusout", ({ target }) => {
    if (target === page.box()) target.scrollTop = 0;
  });
})();
