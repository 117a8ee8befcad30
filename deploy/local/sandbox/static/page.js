// Fetch the page again when something arrived, and put its middle in place. What a reader has opened stays open.
"use strict";
(() => {
  const every = 1000;
  let version = document.body.dataset.version;

  const down = () => document.querySelectorAll(".screen").forEach((screen) => { screen.scrollTop = screen.scrollHeight; });

  async function look() {
    try {
      const now = String(await (await fetch("/version", { cache: "no-store" })).json());
      if (now !== version) {
        const page = new DOMParser().parseFromString(await (await fetch("/", { cache: "no-store" })).text(), "text/html");
        const open = new Set([...document.querySelectorAll("#live details[open]")].map((one) => one.id));
        const live = page.getElementById("live");
        live.querySelectorAll("details").forEach((one) => { one.open = open.has(one.id); });
        document.getElementById("live").replaceWith(document.adoptNode(live));
        version = page.body.dataset.version;
        down();
      }
      document.body.classList.remove("away");
    } catch {
      document.body.classList.add("away"); // stopped; comes back by itself
    }
    setTimeout(look, every);
  }

  down();
  setTimeout(look, every);
})();
