// Draws the answers and the prompts from what the server sends: blocks of HTML that it has made safe.
// A block that has not changed is left as it stands, with what is selected or scrolled in it.
// Gradio puts the page's scripts into its head as it starts: they come in any order, and possibly
// after the elements that they draw.
(() => {
  const page = window.arenaPage ??= {};
  const element = (tag, kind, parts = []) => {
    const made = document.createElement(tag);
    made.className = kind;
    made.append(...parts);
    return made;
  };

  // Copying. Over plain HTTP browsers have no clipboard: the document's own copy command takes the text.
  const copyText = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    document.addEventListener("copy", (copying) => {
      copying.clipboardData.setData("text/plain", text);
      copying.preventDefault();
    }, { once: true });
    document.execCommand("copy");
  };
  const copyButton = (label, done, text) => {
    const button = element("button", "copy");
    button.type = "button";
    const call = (name, key) => {
      button.title = [name, key].filter(Boolean).join(" · ");
      button.setAttribute("aria-label", name);
    };
    call(label);
    let resting;
    button.rest = () => {
      clearTimeout(resting);
      button.classList.remove("done");
      call(label, button.ariaKeyShortcuts);
    };
    button.copy = async () => {
      await copyText(text(button));
      button.rest();
      button.classList.add("done");
      call(done);
      resting = setTimeout(button.rest, 1500);
    };
    button.addEventListener("click", button.copy);
    return button;
  };

  // Children of `parent` as many as `values`, each made once and then updated.
  const draw = (parent, values, make, update) => {
    while (parent.children.length > values.length) parent.lastElementChild.remove();
    values.forEach((value, number) => {
      const child = parent.children[number] ?? parent.appendChild(make(value, number));
      update(child, value, number);
    });
  };

  // Makes `old` like `made`, and leaves every node that is like it already.
  const sameTag = (one, other) => one.nodeType === Node.ELEMENT_NODE && one.nodeName === other.nodeName
    && one.cloneNode().isEqualNode(other.cloneNode());
  const patch = (old, made) => {
    const wanted = [...made.childNodes];
    while (old.childNodes.length > wanted.length) old.lastChild.remove();
    wanted.forEach((node, number) => {
      const present = old.childNodes[number];
      if (!present) old.append(node);
      else if (present.isEqualNode(node)) return;
      else if (sameTag(present, node)) patch(present, node);
      else present.replaceWith(node);
    });
  };
  const updateBlock = (block, html, words) => {
    if (block.drawn === html) return;
    block.drawn = html;
    const made = document.createElement("template");
    made.innerHTML = html;
    for (const code of made.content.querySelectorAll(".code")) {
      code.append(copyButton(words.copy_code, words.copied, (button) => button.parentElement
        .querySelector("pre").textContent));
    }
    patch(block, made.content);
  };

  const makeAnswer = (words) => {
    const answer = element("article", "answer");
    answer.translate = false;
    const body = element("div", "answer-body");
    const copy = copyButton(words.copy, words.copied, () => answer.text);
    copy.told = words.told;
    answer.append(body, copy);
    return answer;
  };
  const updateAnswer = (answer, turn, words) => {
    if (!turn.text.startsWith(answer.text ?? "")) answer.lastElementChild.rest();
    answer.text = turn.text;
    answer.classList.toggle("waiting", turn.grows && !turn.text);
    answer.setAttribute("aria-busy", String(Boolean(turn.grows)));
    draw(answer.firstElementChild, turn.blocks, () => element("div", "answer-block"),
      (block, html) => updateBlock(block, html, words));
  };

  const followed = (drawing) => (target, props, watch) => {
    const redraw = () => drawing(target, props.value ?? {});
    watch("value", redraw);
    redraw();
  };

  // The rows of the grid: answers of the first turn, a follow-up, its answers, and so on.
  const setRows = (grid, turns) => {
    const rows = turns > 1 ? `repeat(${2 * turns - 2}, auto) 1fr` : "1fr";
    if (grid.style.gridTemplateRows !== rows) grid.style.gridTemplateRows = rows;
  };

  const answers = followed((target, column) => {
    const turns = column.turns ?? [];
    const slot = target.closest("[id^='slot-']");
    slot.setAttribute("role", "region");
    if (column.label) slot.setAttribute("aria-label", column.label);
    setRows(slot.parentElement, turns.length);
    draw(target, turns, () => makeAnswer(column), (answer, turn, number) => {
      answer.style.gridRow = 2 * number + 1;
      updateAnswer(answer, turn, column);
    });
    document.dispatchEvent(new CustomEvent("arena-drawn", { detail: slot.id }));
  });

  const makePrompt = (words) => {
    const bar = element("div", "prompt-bar");
    const label = element("span", "prompt-label", [words.label]);
    bar.append(label, element("div", "prompt-body"));
    bar.append(copyButton(words.copy, words.copied, () => bar.text));
    return bar;
  };
  const prompts = followed((target, value) => {
    const isFirst = Boolean(target.closest("#first-prompt"));
    draw(target, value.prompts ?? [], () => makePrompt(value), (bar, prompt, number) => {
      if (!isFirst) bar.style.gridRow = 2 * number + 2;
      if (bar.text === prompt.text) return;
      bar.lastElementChild.rest();
      bar.text = prompt.text;
      bar.children[1].innerHTML = prompt.html;
    });
  });

  Object.assign(page, { answers, prompts, copyButton });
  document.dispatchEvent(new CustomEvent("arena-can-draw"));
})();
