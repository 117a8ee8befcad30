// When the codes change, fetch them and put them in place: what a reader has selected or scrolled to stays.
"use strict";
(() => {
  const left = document.getElementById("left");
  const codes = (page) => [...page.querySelectorAll(".totp")];
  let until = Date.now() + Number(left.textContent) * 1000;

  async function look() {
    try {
      if (Date.now() >= until) {
        const page = new DOMParser().parseFromString(await (await fetch("/tai-khoan", { cache: "no-store" })).text(), "text/html");
        const fresh = codes(page);
        codes(document).forEach((code, at) => { code.textContent = fresh[at].textContent; });
        until = Date.now() + Number(page.getElementById("left").textContent) * 1000;
      }
      document.body.classList.remove("away");
    } catch {
      document.body.classList.add("away"); // stopped; comes back by itself
    }
    left.textContent = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    setTimeout(look, 1000);
  }

  setTimeout(look, 1000);
})();
