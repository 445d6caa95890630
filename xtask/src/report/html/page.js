// What the page does beyond being read: keys, filters, copy buttons, and unfolding for print.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (event) => event.target.closest("input, textarea, select, [contenteditable]");

  for (const command of all(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const text = command.querySelector("pre").textContent;
      let told = "Copied";
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // A page opened from a file may not use the clipboard: the text is selected instead.
        getSelection().selectAllChildren(command.querySelector("pre"));
        told = "Selected";
      }
      button.textContent = told;
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    command.append(button);
  }

  for (const line of all(".filter")) {
    const input = line.querySelector("input");
    const section = document.getElementById(input.dataset.filters);
    const rows = all("[data-row]", section).map((row) => [row, row.textContent.toLowerCase()]);
    line.hidden = false;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      for (const group of all("details.group", section)) {
        const empty = all("[data-row]", group).every((row) => row.hidden);
        group.classList.toggle("empty", empty && !group.contains(input));
      }
      line.querySelector("output").textContent = words.length ? `${shown} of ${rows.length}` : "";
    });
  }

  const failures = all(".failure");
  let current = -1;
  const step = (by) => {
    if (!failures.length) return;
    current = Math.min(Math.max(current + by, 0), failures.length - 1);
    const failure = failures[current];
    const details = failure.querySelector("details");
    if (details) details.open = true;
    failure.focus({ preventScroll: true });
    failure.scrollIntoView({ block: "start" });
  };

  const help = document.getElementById("help");
  document.getElementById("keys").hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (help.open) return;
    const input = document.querySelector(".filter input");
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "?") help.showModal();
    else if (event.key === "/" && input) {
      event.preventDefault();
      const group = input.closest("details");
      if (group) group.open = true;
      input.focus();
    }
  });

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });
})();
