/* Keyboard for grading by hand: j and k go from cell to cell (the notebook follows), Ctrl+Enter saves and goes on,
   n goes on without saving. Nothing of it is needed: every step is a link or a button too. */
"use strict";
(() => {
  const form = document.querySelector("form[data-bench]");
  if (!form) return;
  const cells = [...form.querySelectorAll(".cell")];
  const frame = document.querySelector(".bench iframe");
  let changed = false;

  function open(place) {
    const cell = cells[Math.max(0, Math.min(place, cells.length - 1))];
    if (!cell) return;
    cell.focus();
    cell.scrollIntoView({ block: "nearest" });
    if (frame && cell.dataset.shows) frame.src = cell.dataset.shows;
  }

  const current = () => cells.findIndex((cell) => cell.contains(document.activeElement));
  const isTyping = (target) => target.matches("input:not([type=checkbox]), textarea, select");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("button[value=next]").click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "j") open(current() + 1);
    else if (event.key === "k") open(current() < 0 ? 0 : current() - 1);
    else if (event.key === "n") document.querySelector("a[data-next-submission]")?.click();
    else return;
    event.preventDefault();
  });
  form.addEventListener("focusin", (event) => {
    const cell = event.target.closest(".cell");
    if (frame && cell?.dataset.shows && !frame.src.endsWith(cell.dataset.shows)) frame.src = cell.dataset.shows;
  });
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
