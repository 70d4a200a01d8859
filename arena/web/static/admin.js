// The admin's plain pages: buttons that copy what stands beside them. Everything else works without.
for (const part of document.querySelectorAll("[data-copy]")) {
  const { copy, done } = part.dataset;
  part.after(window.arenaPage.copyButton(copy, done, () => part.textContent));
}
