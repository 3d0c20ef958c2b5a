/* Refreshes what moves: asks for the page's live part with its ETag and puts in what changed. The page works without.
   An element with data-next inside says in how many seconds to look again. */
"use strict";
(() => {
  const region = document.querySelector("[data-live]");
  if (!region) return;
  const usual = () => Number(region.querySelector("[data-next]")?.dataset.next ?? region.dataset.live) * 1000;
  const address = new URL(window.location.href);
  address.searchParams.set("fragment", "live");
  let etag = null;
  let wait = usual();

  const isBeingUsed = () =>
    region.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, summary");

  async function refresh() {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(address, { headers, cache: "no-store", credentials: "same-origin" });
    if (answer.status === 401 || answer.status === 404) return false;
    if (answer.status === 200 && !isBeingUsed()) {
      etag = answer.headers.get("ETag");
      const text = await answer.text();
      if (text !== region.dataset.seen) put(text);
    }
    wait = answer.ok || answer.status === 304 ? usual() : Math.min(wait * 2, 60000);
    return true;
  }

  function put(text) {
    const parsed = new DOMParser().parseFromString(text, "text/html");
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    region.replaceChildren(...parsed.body.childNodes);
    if (focused) document.getElementById(focused)?.focus();
  }

  async function loop() {
    let goesOn = true;
    if (!document.hidden) {
      try {
        goesOn = await refresh();
      } catch {
        wait = Math.min(wait * 2, 60000);
      }
    }
    if (goesOn && !region.querySelector("[data-settled]")) window.setTimeout(loop, wait);
  }
  window.setTimeout(loop, wait);
})();

/* Menus close on Escape and on a click elsewhere, as people expect of menus. */
(() => {
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
})();
