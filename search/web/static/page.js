// What the page can do with a script that it cannot do without: completions while one types, and keys.
"use strict";
(() => {
  document.documentElement.classList.add("scripted");
  const box = document.getElementById("q");

  // Completions: a combobox with a list, as the ARIA practices describe it.
  if (box) {
    const list = document.createElement("ul");
    const told = document.createElement("div");
    let asked = null;
    let timer = 0;
    let chosen = -1;
    let typed = box.value;

    list.id = "completions";
    list.className = "completions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.dataset.list);
    told.className = "hidden";
    told.setAttribute("role", "status");
    box.parentElement.append(list, told);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list.id,
    })) box.setAttribute(name, value);

    const close = () => {
      clearTimeout(timer);
      if (asked) asked.abort();
      asked = null;
      chosen = -1;
      list.hidden = true;
      list.replaceChildren();
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    };

    const choose = (number) => {
      const options = [...list.children];
      chosen = (number + options.length + 1) % (options.length + 1);
      if (chosen === options.length) chosen = -1;
      options.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
      if (chosen < 0) {
        box.removeAttribute("aria-activedescendant");
        box.value = typed;
      } else {
        box.setAttribute("aria-activedescendant", options[chosen].id);
        box.value = options[chosen].textContent;
        options[chosen].scrollIntoView({ block: "nearest" });
      }
    };

    const show = (completions) => {
      list.replaceChildren(...completions.map((completion, number) => {
        const option = document.createElement("li");
        option.id = `completion-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = completion.text;
        return option;
      }));
      chosen = -1;
      box.removeAttribute("aria-activedescendant");
      list.hidden = completions.length === 0;
      box.setAttribute("aria-expanded", String(!list.hidden));
      told.textContent = box.dataset.told.replace("{count}", String(completions.length));
    };

    const ask = async () => {
      if (asked) asked.abort();
      const mine = asked = new AbortController();
      try {
        const answer = await fetch(`${box.dataset.suggest}?${new URLSearchParams({ text: typed })}`, { signal: mine.signal });
        if (!answer.ok) throw new Error(answer.statusText);
        const completions = (await answer.json()).completions;
        if (asked === mine && document.activeElement === box) show(completions);
      } catch (error) {
        if (asked === mine) close();
      }
    };

    box.addEventListener("input", () => {
      typed = box.value;
      clearTimeout(timer);
      if (typed.trim() === "") close();
      else timer = setTimeout(ask, 60);
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        box.value = typed;
        close();
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
        event.preventDefault();
        choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? list.children.length - 1 : chosen - 1);
      } else if (event.key === "ArrowDown" && typed.trim() !== "") {
        event.preventDefault();
        ask();
      }
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      box.value = option.textContent;
      close();
      box.form.requestSubmit();
    });
    box.addEventListener("blur", close);
    box.form.addEventListener("submit", () => {
      close();
      // An address without what is empty or usual is shorter to keep and to send.
      for (const field of box.form.elements) {
        if (field.name && field !== box && (field.value === "" || (field.name === "sort" && field.value === "score"))) field.disabled = true;
      }
    });
    window.addEventListener("pageshow", () => {
      for (const field of box.form.elements) field.disabled = false;
    });
  }

  // From one word found to the next.
  const marks = [...document.querySelectorAll("mark[id]")];
  const step = (by) => {
    if (marks.length === 0) return;
    const here = document.querySelector("mark:target") || document.querySelector("#at + mark");
    const place = here ? marks.indexOf(here) + by : by > 0 ? 0 : marks.length - 1;
    location.replace(`#${marks[(place + marks.length) % marks.length].id}`);
  };
  for (const [id, by] of [["previous-mark", -1], ["next-mark", 1]]) {
    const link = document.getElementById(id);
    if (!link) continue;
    link.hidden = false;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      step(by);
    });
  }

  // From one result to the next.
  const hits = [...document.querySelectorAll("a.hit")];
  const walk = (by) => {
    const here = hits.indexOf(document.activeElement);
    const next = hits[here < 0 ? (by > 0 ? 0 : hits.length - 1) : here + by];
    if (next) next.focus();
  };

  // Single keys can be switched off: they disturb who speaks to the computer.
  const kept = "naidi-keys";
  const wanted = () => {
    try {
      return localStorage.getItem(kept) !== "off";
    } catch {
      return true;
    }
  };
  const keysBox = document.getElementById("keys");
  if (keysBox) {
    keysBox.checked = wanted();
    keysBox.addEventListener("change", () => {
      try {
        localStorage.setItem(kept, keysBox.checked ? "on" : "off");
      } catch { /* nothing is kept, then */ }
    });
  }
  const doing = {
    "/": () => box && (box.focus(), box.select()),
    j: () => walk(1),
    k: () => walk(-1),
    n: () => step(1),
    p: () => step(-1),
    u: () => document.getElementById("back")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !wanted()) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const act = doing[event.key] || doing[{ о: "j", л: "k", т: "n", з: "p", г: "u", ".": "/" }[event.key]];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
