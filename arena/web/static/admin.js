// The admin's plain pages: buttons that copy what stands beside them, and news of what is going on.
// Everything else works without.
for (const part of document.querySelectorAll("[data-copy]")) {
  const { copy, done } = part.dataset;
  part.after(window.arenaPage.copyButton(copy, done, () => part.textContent));
}

for (const news of document.querySelectorAll("[data-reload]")) {
  setTimeout(() => location.reload(), 1000 * Number(news.dataset.reload));
}
