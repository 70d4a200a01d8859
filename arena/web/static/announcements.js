// What the page says by itself in the status of the dock, without the server: a vote is on its way, or
// the connection is lost. Meanwhile nothing can be asked for.
(() => {
  const page = window.arenaPage ??= {};
  const one = (selector) => document.querySelector(selector);
  let reason = "";
  page.waitsFor = () => reason;

  const say = (text) => {
    const region = one("#view [role='status']");
    one("#view .announcement")?.remove();
    if (!text || !region) return;
    one("#refusal p")?.classList.add("past");
    const point = document.createElement("strong");
    point.textContent = text;
    const sentence = document.createElement("p");
    sentence.className = `notice announcement ${reason}`;
    sentence.append(point);
    region.append(sentence);
  };
  const wait = (why) => {
    reason = why;
    say(page.state()[why]);
    page.apply();
  };

  // Around the events of votes. A new state ends the waiting as well, which comes first.
  page.voteBegins = (...inputs) => {
    wait("saving");
    return inputs;
  };
  page.endSaving = () => {
    if (reason === "saving") wait("");
  };
  page.voteEnded = () => setTimeout(() => {
    if (reason !== "saving") return;
    one("#refusal p")?.classList.remove("past");
    page.endSaving();
  });

  // What has been done is said for a moment, unless something else has to be read.
  let told = 0;
  page.tell = (text) => {
    if (reason || one("#refusal p:not(.past)")) return;
    say(text);
    clearTimeout(told);
    told = setTimeout(() => {
      if (!reason) say("");
    }, 1500);
  };

  // What cannot be sent as it stands in the box; nothing once it can.
  let warning = "";
  page.warn = (text) => {
    if (reason || text === warning) return;
    warning = text;
    say(text);
  };

  // Gradio tells of a lost connection in English, tries again by itself, and loads the page anew.
  // A draft would be lost with the page.
  const DRAFT = "arena-draft";
  const LOST = "Connection to the server was lost";
  const isLost = () => [...document.querySelectorAll("[data-testid='toast-text']")]
    .some((toast) => toast.textContent.startsWith(LOST));
  new MutationObserver(() => {
    if (reason === "lost" || !page.state?.().lost || !isLost()) return;
    wait("lost");
    document.documentElement.classList.add("arena-lost");
  }).observe(document, { childList: true, subtree: true });
  window.addEventListener("pagehide", () => {
    if (reason === "lost" && page.unsent()) sessionStorage.setItem(DRAFT, page.unsent());
  });
  page.restoreDraft = () => {
    const draft = sessionStorage.getItem(DRAFT);
    sessionStorage.removeItem(DRAFT);
    if (draft && page.box()?.value === "") page.write(draft);
  };
})();
