// Gives the tab its title in the browser's language; Gradio sets its own when it has started.
(() => {
  const titles = JSON.parse(document.querySelector('meta[name="arena-titles"]').content);
  const codes = navigator.languages.map((language) => language.toLowerCase().split("-")[0]);
  const title = titles[codes.find((code) => code in titles) ?? "en"];
  const show = () => {
    if (document.title !== title) document.title = title;
  };
  new MutationObserver(show).observe(document.head, {
    childList: true,
    characterData: true,
    subtree: true,
  });
  show();
})();
