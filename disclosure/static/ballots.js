/* Typing paper ballots without the mouse: Enter goes on to the next field, a single figure does too, and the
   table grows. Without this script the form works the same, twenty ballots at a time. */
(function () {
  "use strict";

  var form = document.querySelector("[data-ballots]");
  if (!form) { return; }
  var body = form.querySelector(".ballot-grid tbody");
  var most = Number(form.dataset.most);

  function fields() { return Array.from(body.querySelectorAll('input:not([type="checkbox"])')); }

  function grow() {
    var rows = body.rows.length;
    if (rows >= most) { return; }
    var row = body.rows[rows - 1].cloneNode(true);
    var no = rows + 1;
    row.cells[0].textContent = no;
    row.querySelectorAll("input").forEach(function (input) {
      input.name = input.name.replace(/_\d+/, "_" + no);
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, no));
      if (input.type === "checkbox") { input.checked = false; } else { input.value = ""; }
    });
    body.appendChild(row);
  }

  function next(input) {
    var all = fields();
    if (all.indexOf(input) >= all.length - 1) { grow(); all = fields(); }
    var to = all[all.indexOf(input) + 1];
    if (to) { to.focus(); to.select(); }
  }

  body.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.target.type === "checkbox") { return; }
    event.preventDefault();
    next(event.target);
  });
  body.addEventListener("input", function (event) {
    if ("one" in event.target.dataset && /^[1-4a-dA-D]$/.test(event.target.value) && !event.isComposing) { next(event.target); }
  });
  var first = fields().find(function (input) { return !input.value; });
  if (first) { first.focus({ preventScroll: true }); }
})();
