// The running sum of the weights while a scheme is edited. Without this script the sum is that of the last check.
"use strict";

(() => {
  // Points are whole hundredths: no binary fractions.
  const hundredths = (text) => {
    const found = /^(\d{1,5})(?:\.(\d{1,2}))?$/.exec(text.trim());
    return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : 0;
  };
  const shown = (points) => {
    const part = points % 100;
    const whole = String(Math.floor(points / 100));
    return part ? `${whole}.${String(part).padStart(2, "0").replace(/0$/, "")}` : whole;
  };
  for (const sum of document.querySelectorAll("[data-sum]")) {
    const weights = document.querySelectorAll(`[data-weight="${sum.dataset.sum}"]`);
    const add = () => {
      let total = 0;
      for (const weight of weights) total += hundredths(weight.value);
      sum.querySelector("output").textContent = shown(total);
      sum.classList.toggle("off", total !== 10000);
    };
    for (const weight of weights) {
      weight.addEventListener("input", () => {
        add();
        const head = weight.closest("details").querySelector("summary .weight");
        head.textContent = `${weight.value.trim() || "0"} 分`;
      });
    }
    add();
  }
})();
