// The address of the page says which board is shown. This script changes the address when a filter
// or a link is used, reads that board from the server, and keeps order, focus and scrolling over
// updates. Without it links, form and counts work all the same.
(() => {
  const BOARD = "leaderboard/board"; // beside the page, wherever that is
  const END_OF_FRAME = "\n<!--frame-->\n";
  const UNDER_WAY = ["pending", "rated"];
  const board = () => document.querySelector("#leaderboard-board");
  const head = () => document.querySelector("#leaderboard-head");
  const form = () => document.querySelector("#board-form");
  const sorted = new Map(); // table id -> {column, descending}
  const scrolled = new Map(); // box id -> [left, top]
  let focused = null;
  const opened = new Set();

  // ---- the board comes in frames, each in place of the one before
  let asking = new AbortController();

  const ask = async () => {
    asking.abort(); // only the latest question is answered
    const { signal } = (asking = new AbortController());
    board().ariaBusy = "true";
    try {
      const response = await fetch(BOARD + location.search, { signal });
      if (response.status === 401) return location.reload(); // which leads to the sign-in page
      const refused = await refusal(response);
      if (refused) tell(refused);
      else await read(response);
    } catch {
      if (!signal.aborted) tell(board().dataset.broken);
    }
    if (signal.aborted) return;
    board().ariaBusy = "false";
    held = null;
  };

  // What is no board is a sentence: as text, or as JSON.
  const refusal = async (response) => {
    const kind = response.headers.get("content-type") ?? "";
    if (kind.startsWith("text/html")) return null;
    return kind.includes("json") ? (await response.json()).detail : response.text();
  };

  const read = async (response) => {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const frames = (rest + value).split(END_OF_FRAME);
      rest = frames.pop();
      frames.forEach(show);
    }
    if (isUnderWay()) throw new Error("the stream ended too early");
  };

  const shown = () => board().querySelector(".lb");
  let drawn = shown()?.innerHTML; // as it came, before anybody sorts or unfolds
  const isUnderWay = () => UNDER_WAY.includes(shown()?.dataset.progress);

  const show = (html) => {
    const [frame, over, panel] = document.createRange().createContextualFragment(html).children;
    const known = (name) => shown()?.dataset[name] === frame.dataset[name];
    // The page came with its counts: they stay as they are until there is more.
    if (UNDER_WAY.includes(frame.dataset.progress) && known("progress") && known("asked")) return;
    // Where the figures on top alone have changed, rows stay: somebody may be marking a text.
    const made = frame.innerHTML;
    board().querySelector(".lb-broken")?.remove();
    if (made === drawn) Object.assign(shown().dataset, frame.dataset);
    else put(board(), frame);
    drawn = made;
    putHead(over, panel);
    settle();
  };

  // ---- what is shown becomes what has come, and whatever is the same in both stays the same
  // element: a button or link that is pressed while numbers come gets its click.
  const put = (place, made) => {
    const old = place.firstElementChild;
    if (old && made && alike(old, made)) become(old, made);
    else place.replaceChildren(...[made].filter(Boolean));
  };

  const alike = (old, made) => old.nodeName === made.nodeName && (old.id ?? "") === (made.id ?? "");

  const become = (old, made) => {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== made.data) old.data = made.data;
      return;
    }
    if (old.nodeName === "OPTION" && old.defaultSelected !== made.defaultSelected) old.selected = made.defaultSelected;
    for (const { name } of [...old.attributes]) {
      const unfolded = name === "open" && opened.has(old.id);
      if (!unfolded && !made.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of made.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const [before, after] = [[...old.childNodes], [...made.childNodes]];
    after.forEach((child, place) => {
      if (!before[place]) old.append(child);
      else if (alike(before[place], child)) become(before[place], child);
      else before[place].replaceWith(child);
    });
    before.slice(after.length).forEach((child) => child.remove());
  };

  // The panel of the figure stays as long as it is open and belongs to the same board.
  const putHead = (over, panel) => {
    const open = document.querySelector("#figure-panel:popover-open");
    const stays = panel && open?.dataset.asked === panel.dataset.asked;
    if (!stays) document.querySelector("#figure-panel")?.remove();
    put(head(), over);
    if (panel && !stays) head().append(panel);
  };

  const tell = (sentence) => {
    const line = Object.assign(document.createElement("p"), { className: "lb-failed lb-broken", role: "alert" });
    const again = Object.assign(document.createElement("a"), {
      href: location.search || location.pathname,
      textContent: board().dataset.again,
    });
    again.dataset.board = "";
    line.append(`${sentence} `, again);
    board().querySelector(".lb-broken")?.remove();
    (shown() ?? board()).prepend(line);
  };

  const go = (address) => {
    const wanted = address === "?" ? "" : address;
    const model = (search) => new URLSearchParams(search).get("model");
    unfolds = model(wanted) !== null && model(wanted) !== model(location.search);
    if (wanted !== location.search) {
      history.pushState(null, "", wanted || location.pathname);
      fillForm();
    }
    ask();
  };

  // ---- filters
  const SEEN = ["tab", "model", "columns"]; // these choose how a board is seen, and limit nothing

  const fillForm = () => {
    if (!form()) return;
    const wanted = new URLSearchParams(location.search);
    const others = new Set();
    for (const field of form().elements) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = wanted.getAll(field.name).includes(field.value);
      else field.value = wanted.get(field.name) ?? "";
      if (!SEEN.includes(field.name) && (field.type === "checkbox" ? field.checked : field.value)) others.add(field.name);
    }
    document.querySelector("#filter-more span").textContent = others.size ? `: ${others.size}` : "";
    document.querySelector("#filter-reset").hidden = !others.size;
    form().querySelectorAll(".lb-chip:not(button)").forEach(fillChip);
  };

  // A chip says what is chosen in it while it is closed.
  const fillChip = (chip) => {
    const fields = [...chip.querySelectorAll("[name]")];
    const limits = fields.filter((field) => (field.type === "checkbox" ? field.checked : field.value));
    chip.toggleAttribute("data-set", limits.length > 0 && !SEEN.includes(fields[0].name));
    if (chip.dataset.only) chip.hidden = chip.dataset.only !== (form().elements.tab.value || "rates");
    const said = chip.querySelector("[data-pattern]");
    if (!said) return;
    const { pattern } = said.dataset;
    if (fields[0].type === "checkbox") said.textContent = pattern.replace("{chosen}", limits.length || fields.length);
    else said.textContent = limits.length ? fields.map((field) => field.value || "…").join(" – ") : pattern;
  };

  const fieldsOf = (form) => {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) wanted.append(name, value);
    return "?" + wanted;
  };
  const chosen = () => fieldsOf(form());

  document.addEventListener("change", (event) => {
    if (event.target.closest?.("#board-form")) go(chosen());
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#board-form, form[data-board]")) return;
    event.preventDefault();
    go(fieldsOf(event.target));
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id !== "board-form") return;
    event.preventDefault();
    const wanted = new URLSearchParams(location.search);
    for (const name of [...wanted.keys()]) if (!SEEN.includes(name)) wanted.delete(name);
    go("?" + wanted);
  });
  addEventListener("popstate", () => {
    fillForm();
    ask();
  });
  addEventListener("pagehide", () => asking.abort());
  addEventListener("pageshow", (event) => {
    if (event.persisted && isUnderWay()) ask();
  });

  const keepOnScreen = (menu) => {
    menu.style.translate = "";
    const { right } = menu.getBoundingClientRect();
    menu.style.translate = `${Math.min(0, document.documentElement.clientWidth - 8 - right)}px`;
  };
  const openMenus = () => document.querySelectorAll(".lb-menu[open]");
  document.addEventListener("pointerdown", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  });

  // ---- links to other boards
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-board]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      held = link.id ? { id: link.id, top: link.getBoundingClientRect().top } : null;
      go(new URL(link.href).search);
      return;
    }
    const head = event.target.closest?.(".lb-table thead button");
    if (head) sortBy(head);
    const more = event.target.closest?.("#filter-more");
    const copies = event.target.closest?.("[data-copy]");
    if (copies) copy(copies);
    if (more) more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") !== "true"));
  });

  // ---- the panel of the figure: a preview of what its choices give, drawn one at a time
  const PAUSE_MS = 300; // of somebody who is choosing
  const figure = () => document.querySelector("#figure-panel:popover-open form");
  let drawing = false;
  let pause;

  const fillFigure = (form) => {
    const models = [...form.elements.namedItem("figure-models").elements];
    const full = models.filter((box) => box.checked).length >= Number(form.dataset.most);
    for (const box of models) box.disabled = full && !box.checked;
    const opponents = form.querySelectorAll("[name=opponent]:checked").length;
    const said = form.querySelector("#figure-opponents b");
    said.textContent = opponents || said.dataset.all;
  };

  const preview = async () => {
    const form = figure();
    if (!form || drawing) return;
    const source = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    if (form.dataset.drawn === source) return;
    form.dataset.drawn = source;
    drawing = true;
    const said = form.querySelector("#figure-said");
    said.textContent = said.dataset.drawing;
    const sentence = await putPreview(form.querySelector("#figure-preview"), source);
    said.textContent = sentence;
    drawing = false;
    preview(); // of what was chosen in the meantime
  };

  // Returns why there is no figure.
  const putPreview = async (shown, source) => {
    const drawn = shown.cloneNode();
    const loaded = await new Promise((done) => {
      drawn.onload = () => done(true);
      drawn.onerror = () => done(false);
      drawn.src = source;
    });
    drawn.hidden = !loaded;
    const why = loaded ? "" : await refusedFigure(source, shown.parentElement.dataset);
    shown.replaceWith(drawn);
    return why;
  };

  const refusedFigure = async (source, sentences) => {
    try {
      const response = await fetch(source);
      const { error, most } = await response.json();
      const sentence = { no_votes: sentences.noVotes, bad_query: sentences.badQuery, too_many_models: sentences.tooManyModels }[error];
      return (sentence ?? sentences.failed).replace("{most}", most);
    } catch {
      return sentences.failed;
    }
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("#figure-form");
    if (!form) return;
    fillFigure(form);
    clearTimeout(pause);
    pause = setTimeout(preview, PAUSE_MS);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.id !== "figure-panel") return;
      if (figure()) {
        fillFigure(figure());
        figure().querySelector("[name=model]:checked")?.scrollIntoView({ block: "nearest" });
        preview();
      } else if (document.activeElement === document.body) document.querySelector("#save-figure-open")?.focus();
    },
    true
  );

  // ---- copying: over plain HTTP browsers have no clipboard, and the document's own command takes the text
  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const text = source ? source.textContent : location.href;
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else {
      document.addEventListener("copy", (copying) => {
        copying.clipboardData.setData("text/plain", text);
        copying.preventDefault();
      }, { once: true });
      document.execCommand("copy");
    }
    const before = button.textContent;
    if (before === button.dataset.done) return;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 1500);
  };

  // ---- explanations: titles are for mice; here the same words are for keys and fingers
  const explained = document.createElement("div");
  explained.id = "explained";
  explained.hidden = true;
  explained.role = "tooltip";
  document.body.append(explained);

  let subject = null; // what is explained
  const explain = (element) => {
    subject = element?.isConnected ? element : null;
    explained.hidden = !subject;
    if (!subject) return;
    explained.textContent = subject.title;
    const { left, bottom, top } = subject.getBoundingClientRect();
    const { width, height } = explained.getBoundingClientRect();
    const below = bottom + 8 + height <= innerHeight;
    explained.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    explained.style.top = `${below ? bottom + 8 : Math.max(8, top - height - 8)}px`;
  };
  const titled = (element) => element.closest?.("main [title]");
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(":focus-visible")) explain(titled(event.target));
  });
  document.addEventListener("pointerdown", () => explain(null));
  document.addEventListener("pointerup", (event) => {
    if (event.pointerType !== "mouse") explain(titled(event.target));
  });
  document.addEventListener("click", (event) => {
    const element = titled(event.target);
    if (element && !element.matches("a, button, label")) explain(element); // those do something of their own
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") explain(null);
  });
  addEventListener("scroll", () => explain(subject), { passive: true });

  // ---- sorting: what a row unfolds stays below it
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? String(a).localeCompare(String(b)) : x - y;
  };

  const sortBy = (button) => {
    const head = button.closest("th");
    const table = head.closest("table");
    const before = sorted.get(table.id);
    const column = head.cellIndex;
    const first = table.tBodies[0].rows[0]?.cells[column]?.dataset.value;
    const numeric = first !== undefined && !Number.isNaN(Number(first));
    const descending = before?.column === column ? !before.descending : numeric;
    sorted.set(table.id, { column, descending });
    order(table);
  };

  const order = (table) => {
    const wanted = sorted.get(table.id);
    if (!wanted) return;
    const all = [...table.tBodies[0].rows];
    const rows = all.filter((row) => !row.matches(".lb-unfolded"));
    const below = new Map(all.filter((row) => row.matches(".lb-unfolded")).map((row) => [row.previousElementSibling, row]));
    const value = (row) => row.cells[wanted.column]?.dataset.value;
    rows.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
      return wanted.descending ? compare(y, x) : compare(x, y);
    });
    table.tBodies[0].append(...rows.flatMap((row) => [row, below.get(row) ?? []].flat()));
    for (const head of table.tHead.rows[0].cells) head.ariaSort = "none";
    table.tHead.rows[0].cells[wanted.column].ariaSort = wanted.descending ? "descending" : "ascending";
  };

  // ---- the matrix is read out cell by cell
  const cellOf = (element) => element?.closest?.("#matrix td[data-said]");
  const readOut = (cell) => {
    const line = document.querySelector("#matrix-readout");
    const row = cell.parentElement.cells[0].textContent;
    const column = cell.closest("table").tHead.rows[0].cells[cell.cellIndex].textContent;
    line.textContent = `${row} : ${column} = ${cell.dataset.said}`;
    document.querySelector("#matrix .here")?.classList.remove("here");
    cell.classList.add("here");
  };
  for (const kind of ["mouseover", "click"]) {
    document.addEventListener(kind, (event) => {
      const cell = cellOf(event.target);
      if (cell) readOut(cell);
    });
  }
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || event.target.id !== "matrix-box") return;
    event.preventDefault();
    const rows = event.target.querySelector("tbody").rows;
    const here = event.target.querySelector(".here");
    let [y, x] = here ? [here.parentElement.sectionRowIndex, here.cellIndex] : [0, 0];
    for (let step = 0; step < rows.length; step += 1) {
      y += here || step ? move[0] : 0;
      x += here || step ? move[1] : 1;
      const cell = cellOf(rows[y]?.cells[x]);
      if (!cell) continue;
      readOut(cell);
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
      return;
    }
  });

  // ---- updates replace the board: what a person did to it stays
  document.addEventListener("focusin", (event) => {
    focused = event.target.closest?.("#leaderboard-board, #leaderboard-head") ? event.target.id : null;
  });
  document.addEventListener(
    "scroll",
    (event) => {
      const box = event.target;
      if (box.matches?.(".lb-box, .lb-wide")) scrolled.set(box.id, [box.scrollLeft, box.scrollTop]);
    },
    true
  );
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches(".lb-menu[open]")) keepOnScreen(event.target.lastElementChild);
      if (event.target.id) opened[event.target.open ? "add" : "delete"](event.target.id);
    },
    true
  );

  const settle = () => {
    shown().querySelectorAll(".lb-table").forEach(order);
    for (const [id, [left, top]] of scrolled) {
      const box = document.getElementById(id);
      if (box) [box.scrollLeft, box.scrollTop] = [left, top];
    }
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused && document.activeElement === document.body) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    explain(subject);
    keepInView();
  };

  // What was clicked stays under the hand; a row that was unfolded from elsewhere comes into view.
  let held = null;
  let unfolds = false;
  const keepInView = () => {
    const clicked = held && document.getElementById(held.id);
    if (clicked) scrollBy({ top: clicked.getBoundingClientRect().top - held.top, behavior: "instant" });
    else if (unfolds) document.querySelector(".lb-unfolded")?.previousElementSibling.scrollIntoView({ block: "center", behavior: "instant" });
    unfolds = false;
  };
  addEventListener("wheel", () => { held = null; }, { passive: true });
  addEventListener("touchmove", () => { held = null; }, { passive: true });

  if (isUnderWay()) ask();
})();
