// The address of the page says which board is shown. This script changes the address when a filter
// or a link is used, asks for the board again, and keeps order, focus and scrolling over updates.
(() => {
  const board = () => document.querySelector("#leaderboard-board");
  const form = () => document.querySelector("#board-form");
  const sorted = new Map(); // table id -> {column, descending}
  const scrolled = new Map(); // box id -> [left, top]
  let focused = null;
  const opened = new Set();

  const ask = () => document.querySelector("#leaderboard-go")?.click();

  const go = (address, push) => {
    if (address === location.search) return;
    answered = null;
    history[push ? "pushState" : "replaceState"](null, "", address || location.pathname);
    fillForm();
    ask();
  };

  // ---- filters
  const fillForm = () => {
    if (!form()) return;
    const wanted = new URLSearchParams(location.search);
    const others = new Set();
    for (const field of form().elements) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = wanted.getAll(field.name).includes(field.value);
      else field.value = wanted.get(field.name) ?? "";
      if (field.name !== "model" && (field.type === "checkbox" ? field.checked : field.value)) others.add(field.name);
    }
    document.querySelector("#filter-more span").textContent = others.size ? `: ${others.size}` : "";
  };

  const chosen = () => {
    const wanted = new URLSearchParams();
    const tab = new URLSearchParams(location.search).get("tab");
    if (tab) wanted.set("tab", tab);
    for (const [name, value] of new FormData(form())) if (value) wanted.append(name, value);
    return "?" + wanted;
  };

  document.addEventListener("change", (event) => {
    if (event.target.closest?.("#board-form")) go(chosen(), false);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "board-form") event.preventDefault();
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id !== "board-form") return;
    event.preventDefault();
    const tab = new URLSearchParams(location.search).get("tab");
    go(tab ? `?tab=${tab}` : "?", false);
  });
  addEventListener("popstate", () => {
    answered = null;
    fillForm();
    ask();
  });

  const among = () => document.querySelector(".lb-among[open]");
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.(".lb-among")) among()?.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !among()) return;
    among().querySelector("summary").focus();
    among().removeAttribute("open");
  });

  // ---- links to other boards
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-board]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      go(new URL(link.href).search || "?", true);
      return;
    }
    const head = event.target.closest?.(".lb-table thead button");
    if (head) sortBy(head);
    const more = event.target.closest?.("#filter-more");
    if (more) more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") !== "true"));
  });

  // ---- sorting
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
    const rows = [...table.tBodies[0].rows];
    const value = (row) => row.cells[wanted.column]?.dataset.value;
    rows.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
      return wanted.descending ? compare(y, x) : compare(x, y);
    });
    table.tBodies[0].append(...rows);
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
    focused = event.target.closest?.("#leaderboard-board") ? event.target.id : null;
  });
  document.addEventListener(
    "scroll",
    (event) => {
      const box = event.target;
      if (box.classList?.contains("lb-box")) scrolled.set(box.id, [box.scrollLeft, box.scrollTop]);
    },
    true
  );
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.id) opened[event.target.open ? "add" : "delete"](event.target.id);
    },
    true
  );

  // An answer to an earlier question may come late: it is hidden. The right one is on its way,
  // unless it has been here and was overwritten, or got lost.
  let answered = null;
  let patience = 0;
  const askAgain = () => {
    clearTimeout(patience);
    if (answered === location.search) return ask();
    patience = setTimeout(() => {
      if (board()?.querySelector(".lb")?.dataset.asked !== location.search) ask();
    }, 3000);
  };

  const settle = () => {
    const shown = board()?.querySelector(".lb");
    if (!shown) return;
    const late = shown.dataset.asked !== location.search;
    shown.style.visibility = late ? "hidden" : "";
    if (late) return askAgain();
    answered = location.search;
    shown.querySelectorAll(".lb-table").forEach(order);
    for (const [id, [left, top]] of scrolled) {
      const box = document.getElementById(id);
      if (box) [box.scrollLeft, box.scrollTop] = [left, top];
    }
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  };

  // The board comes whole once; later Gradio changes its elements and attributes in place.
  const renewed = ({ type, target }) =>
    type === "attributes" || (board()?.contains(target) && !target.closest?.(".lb"));
  new MutationObserver((changes) => {
    if (changes.some(renewed)) settle();
  }).observe(document, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-asked", "data-frame"],
  });
})();
