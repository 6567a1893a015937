// The list of bank lines by keyboard: J and K move, A accepts and goes on, 1–4 choose, E books by hand, S hands in.
// Without this script the same is done with boxes and the button.
(() => {
  const rows = [...document.querySelectorAll(".bank-line:not(.waiting)")];
  const form = document.querySelector(".bank-form");
  if (!rows.length || !form) return;
  document.querySelector(".bank-keys").hidden = false;
  let at = -1;

  const go = (to) => {
    if (to < 0 || to >= rows.length) return;
    rows[at]?.classList.remove("current");
    at = to;
    rows[at].classList.add("current");
    rows[at].scrollIntoView({ block: "nearest" });
    rows[at].querySelector("input[type=checkbox]")?.focus({ preventScroll: true });
  };

  const choose = (row, place) => {
    const choice = row.querySelectorAll("input[type=radio]")[place];
    if (!choice) return;
    choice.checked = true;
    row.querySelector("[name=take]").checked = true;
  };

  const keys = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    e: () => { if (at >= 0) location.href = rows[at].dataset.byHand; },
    s: () => form.requestSubmit(),
    a: () => {
      if (at < 0) return go(0);
      const box = rows[at].querySelector("[name=take]");
      if (box) box.checked = true;
      go(at + 1);
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) return;
    const key = event.key.toLowerCase();
    if (keys[key]) keys[key]();
    else if (at >= 0 && /^[1-4]$/.test(key)) choose(rows[at], Number(key) - 1);
    else return;
    event.preventDefault();
  });

  for (const row of rows) {
    row.addEventListener("change", (event) => {
      if (event.target.type === "radio") row.querySelector("[name=take]").checked = true;
    });
  }
})();
