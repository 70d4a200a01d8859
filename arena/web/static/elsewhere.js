// The same annotator may have the battle open in other windows, or on another machine. Whoever comes back
// to this one, or is told by another window of this browser, asks the server what has become of it.
(() => {
  const page = window.arenaPage ??= {};
  const windows = new BroadcastChannel("arena");
  const isOpen = () => ["complete", "stopped"].includes(page.state?.().state);
  page.look = () => document.querySelector("#look")?.click();
  const lookIfOpen = () => {
    if (isOpen()) page.look();
  };
  page.tellOthers = () => windows.postMessage("changed");

  windows.addEventListener("message", lookIfOpen);
  window.addEventListener("focus", lookIfOpen);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") lookIfOpen();
  });
  page.lookIfClosed = (actions) => {
    const isRefused = document.querySelector("#refusal .closed:not(.past)");
    if (actions.includes("look") || (isRefused && isOpen())) page.look();
  };
})();
