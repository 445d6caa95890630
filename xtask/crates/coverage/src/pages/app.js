// What the pages do beyond being read: keys, and on the index sorting, searching and folding.
"use strict";
(() => {
  // Rows in folded folders are hidden from the start, but only where something can unfold them.
  document.documentElement.classList.add("js");

  const keys = new Map();
  const go = (rel) => document.querySelector(`a[rel="${rel}"]`)?.click();

  // --- A file: from one uncovered place to the next ---

  const file = () => {
    const places = [...document.querySelectorAll(".code .s")];
    const output = document.querySelector(".walk output");
    let here = -1;
    const tell = () => {
      if (!output) return;
      const noun = places.length === 1 ? "place" : "places";
      output.textContent = here < 0 ? `${places.length} uncovered ${noun}` : `${here + 1} of ${places.length}`;
    };
    const stand = (at) => {
      places[here]?.classList.remove("here");
      here = at;
      places[here].classList.add("here");
      tell();
    };
    const visible = (place) => {
      const { top, bottom } = place.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    // One place on or back, or to the next one that is wanted; at the ends it stays.
    const step = (by, wanted = () => true) => {
      let next = here + by;
      if (here < 0 || !visible(places[here])) {
        // The reader went elsewhere: on from there, below the bar.
        const below = places.findIndex((place) => place.getBoundingClientRect().top > 64);
        const first = below < 0 ? places.length : below;
        next = by > 0 ? first : first - 1;
      }
      while (next in places && !wanted(places[next])) next += by;
      if (!(next in places)) next = here;
      if (next < 0) return;
      stand(next);
      const place = places[here];
      history.replaceState(null, "", `#${place.id}`);
      place.scrollIntoView({ block: "start", behavior: "instant" });
      place.querySelector("a").focus({ preventScroll: true });
    };
    // Links into the page lead to places too.
    const arrive = () => {
      const at = places.findIndex((place) => `#${place.id}` === location.hash);
      if (at >= 0) stand(at);
    };
    addEventListener("hashchange", arrive);
    for (const button of document.querySelectorAll("[data-key]")) {
      button.addEventListener("click", () => step(button.dataset.key === "n" ? 1 : -1));
    }
    tell();
    arrive();
    keys.set("n", ["next uncovered place", () => step(1)]);
    keys.set("p", ["previous uncovered place", () => step(-1)]);
    const missed = (place) => place.classList.contains("x");
    keys.set("N", ["next place that never ran at all", () => step(1, missed)]);
    keys.set("P", ["previous place that never ran at all", () => step(-1, missed)]);
    keys.set("j", ["the same as n", keys.get("n")[1]]);
    keys.set("k", ["the same as p", keys.get("p")[1]]);
    keys.set("]", ["next file with uncovered lines", () => go("next")]);
    keys.set("[", ["previous file with uncovered lines", () => go("prev")]);
    keys.set("u", ["up to all files", () => go("up")]);
    keys.set("/", ["search all files", () => location.assign("index.html#search")]);
  };

  // --- The index: a tree of rows that is sorted, searched and folded ---

  const index = (table) => {
    const body = table.tBodies[0];
    const search = document.getElementById("search");
    const flat = document.getElementById("flat");
    const found = document.querySelector(".tools output");
    const titles = [...table.tHead.rows[0].cells];
    const state = { column: 0, down: false, flat: false, words: [] };

    // Rows are read once, when first needed: the table is there before.
    let tree;
    const read = () => {
      if (tree) return tree;
      tree = { children: [], path: "", depth: -1, open: true };
      const around = [tree];
      for (const row of body.rows) {
        const label = row.cells[0].firstElementChild;
        const depth = Number(row.className.match(/\d+/)[0]);
        around.length = depth + 1;
        const parent = around[depth];
        const path = parent.path + label.textContent;
        const folder = label.tagName === "BUTTON";
        const name = label.textContent;
        const node = { row, label, depth, parent, path, name, children: folder ? [] : null, place: parent.children.length };
        node.open = folder && label.getAttribute("aria-expanded") === "true";
        node.lower = path.toLowerCase();
        node.values = [];
        parent.children.push(node);
        around.push(node);
      }
      return tree;
    };
    const files = (node) => node.children ? node.children.flatMap(files) : [node];

    // What was not measured comes last, whichever way the column is sorted.
    const value = (node, column) => node.values[column] ??= Number.parseFloat(node.row.cells[column].textContent.replace(/,/g, ""));
    const compare = (a, b) => {
      const sign = state.down ? -1 : 1;
      if (state.column === 0) {
        return sign * (state.flat ? (a.lower < b.lower ? -1 : 1) : a.place - b.place);
      }
      const [x, y] = [value(a, state.column), value(b, state.column)];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return sign * (x - y) || value(b, 2) - value(a, 2) || (a.lower < b.lower ? -1 : 1);
    };
    const matches = (node) => state.words.every((word) => node.lower.includes(word));

    // Puts the rows in order and shows those that are wanted; returns how many files are.
    const draw = () => {
      const order = [];
      let shown = 0;
      const show = (node, visible, depth, text) => {
        node.row.className = `d${depth}`;
        node.row.hidden = !visible;
        if (node.label.textContent !== text) node.label.textContent = text;
        order.push(node.row);
      };
      const visit = (node, visible) => {
        let any = false;
        for (const child of node.children.toSorted(compare)) {
          if (!child.children) {
            const match = matches(child);
            shown += match;
            any ||= match;
            show(child, visible && match, child.depth, child.name);
            continue;
          }
          const at = order.length;
          show(child, false, child.depth, child.name);
          const open = child.open || state.words.length > 0;
          const inside = visit(child, visible && open);
          child.label.setAttribute("aria-expanded", open);
          order[at].hidden = !(visible && inside);
          any ||= inside;
        }
        return any;
      };
      if (state.flat) {
        const folders = (node) => node.children?.forEach((child) => {
          if (child.children) {
            show(child, false, child.depth, child.name);
            folders(child);
          }
        });
        folders(read());
        for (const node of files(read()).sort(compare)) {
          const match = matches(node);
          shown += match;
          show(node, match, 0, node.path);
        }
      } else {
        visit(read(), true);
      }
      body.append(...order);
      found.textContent = state.words.length ? `${shown} found` : "";
      flat.setAttribute("aria-pressed", state.flat);
      document.documentElement.classList.toggle("flat", state.flat);
      titles.forEach((title, column) => {
        if (column === state.column) title.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        else title.removeAttribute("aria-sort");
      });
    };

    // A reader who comes back from a file finds the table as it was.
    const remember = () => {
      try {
        sessionStorage.setItem("slipway-coverage", JSON.stringify({ column: state.column, down: state.down, flat: state.flat }));
      } catch {
        // Storage may be forbidden; then the table starts anew.
      }
    };
    const recall = () => {
      try {
        const { column, down, flat: listed } = JSON.parse(sessionStorage.getItem("slipway-coverage") ?? "{}");
        if (!(column in titles)) return;
        Object.assign(state, { column, down: down === true, flat: listed === true });
        if (column || state.down || state.flat) draw();
      } catch {
        // As above.
      }
    };

    titles.forEach((title, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = title.textContent;
      title.replaceChildren(button);
      button.addEventListener("click", () => {
        // The first press shows what needs work: low shares, and many missed lines.
        state.down = state.column === column ? !state.down : column === 2;
        state.column = column;
        draw();
        remember();
      });
    });
    titles[0].setAttribute("aria-sort", "ascending");
    flat.addEventListener("click", () => {
      state.flat = !state.flat;
      draw();
      remember();
    });
    search.addEventListener("input", () => {
      state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      draw();
    });
    for (const button of body.querySelectorAll("button")) button.disabled = false;
    body.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      read();
      const node = find(tree, button);
      node.open = !node.open;
      draw();
      button.focus();
    });
    const find = (node, label) => {
      for (const child of node.children ?? []) {
        const match = child.label === label ? child : find(child, label);
        if (match) return match;
      }
      return null;
    };

    // The address may name a file, in folders that are folded.
    const arrive = () => {
      const id = location.hash.slice(1);
      const row = id && document.getElementById(id);
      if (!row) return;
      if (row === search) return search.focus();
      if (row.parentElement !== body) return;
      read();
      const link = row.cells[0].firstElementChild;
      for (let node = find(tree, link)?.parent; node; node = node.parent) node.open = true;
      draw();
      row.scrollIntoView({ block: "center", behavior: "instant" });
      link.focus({ preventScroll: true });
    };

    const step = (by, wanted) => {
      const rows = [...body.rows].filter((row) => row.checkVisibility() && wanted(row));
      const all = [...body.rows];
      const at = all.indexOf(document.activeElement.closest("tbody tr"));
      const ahead = by > 0 ? rows.find((row) => all.indexOf(row) > at) : rows.findLast((row) => all.indexOf(row) < at);
      ahead?.cells[0].firstElementChild.focus();
    };
    const any = () => true;
    const missed = (row) => row.id && row.cells[2].textContent !== "0" && row.cells[2].textContent !== "–";
    keys.set("j", ["next row", () => step(1, any)]);
    keys.set("k", ["previous row", () => step(-1, any)]);
    keys.set("n", ["next file with uncovered lines", () => step(1, missed)]);
    keys.set("p", ["previous file with uncovered lines", () => step(-1, missed)]);
    keys.set("Enter", ["open the file, or fold the folder", null]);
    keys.set("t", ["tree or flat list", () => flat.click()]);
    keys.set("u", ["up to the run", () => go("up")]);
    keys.set("/", ["search", () => search.focus()]);
    recall();
    // Not before: while a page loads, a browser takes the focus to where the address points.
    addEventListener("pageshow", arrive);
    addEventListener("hashchange", arrive);
  };

  // --- Both ---

  const help = () => {
    const dialog = document.createElement("dialog");
    const list = document.createElement("dl");
    for (const [key, [text]] of keys) {
      const [line, term, detail, cap] = ["div", "dt", "dd", "kbd"].map((name) => document.createElement(name));
      cap.textContent = key;
      detail.textContent = text;
      term.append(cap);
      line.append(term, detail);
      list.append(line);
    }
    const [title, button] = ["h2", "button"].map((name) => document.createElement(name));
    title.textContent = "Keys";
    title.id = "keys";
    dialog.setAttribute("aria-labelledby", "keys");
    button.type = "button";
    button.textContent = "Close";
    button.addEventListener("click", () => dialog.close());
    dialog.append(title, list, button);
    document.body.append(dialog);
    return dialog;
  };

  addEventListener("DOMContentLoaded", () => {
    for (const live of document.querySelectorAll(".live, .keys")) live.hidden = false;
    const table = document.getElementById("files");
    if (table) index(table);
    else file();
    let dialog;
    keys.set("?", ["these keys", () => (dialog ??= help()).showModal()]);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
      if (event.target.closest?.("input")) {
        if (event.key === "Escape") event.target.blur();
        return;
      }
      const action = keys.get(event.key)?.[1];
      if (!action) return;
      event.preventDefault();
      action();
    });
  });
})();
