/* Checks in the owner's own browser that the home's part, as this page shows it, is in the public log: part →
   root of all parts in the public leaf → leaf in the signed log. Only public files are fetched. */
(function () {
  "use strict";

  var box = document.querySelector("[data-opening]");
  if (!box || !window.mingzhangLog) { return; }
  var log = window.mingzhangLog, Mismatch = log.Mismatch, Unable = log.Unable;
  var button = box.querySelector("[data-check]"), verdict = box.querySelector("[data-verdict]");
  var utf8 = new TextEncoder();

  function shown(root, name) {
    var element = root.querySelector('[data-field="' + name + '"]');
    return element ? element.textContent.trim() : "";
  }

  function fen(text) {
    var match = /^(-?)([\d,]+)\.(\d\d)$/.exec(text);
    if (!match) { throw new Unable("读不懂页面上的金额“" + text + "”。"); }
    return Number(match[1] + match[2].replace(/,/g, "") + match[3]);
  }

  function fromHex(text) {
    if (!/^([0-9a-f]{2})+$/.test(text)) { throw new Unable("页面上的随机数或路径不完整，请刷新再试。"); }
    return Uint8Array.from(text.match(/../g), function (pair) { return parseInt(pair, 16); });
  }

  function lineOf(entry, section) {
    var line = entry.lines[Number(section.dataset.line) - 1];
    if (!line) { throw new Mismatch("公开的账里没有这一行。"); }
    return line;
  }

  async function checkPart(entry, section) {
    var line = lineOf(entry, section);
    if (!line.detail || line.detail.count !== Number(section.dataset.count) || line.amount !== fen(shown(section, "total"))) {
      throw new Mismatch("公开的合计或份数，与这一页上的不同。");
    }
    var part = JSON.stringify([shown(section, "salt"), shown(section, "path"), shown(section, "unit"), fen(shown(section, "amount")), shown(section, "basis")]);
    var steps = Array.from(section.querySelectorAll('[data-field="steps"] li'), function (item) { return fromHex(item.textContent.trim()); });
    var head = { size: line.detail.count, root: fromHex(line.detail.root) };
    try {
      await log.checkInclusion(await log.leafHash(utf8.encode(part)), Number(section.dataset.index), head, steps);
    } catch (error) {
      if (error instanceof Mismatch) { throw new Mismatch("用页面上的数算出的指纹，不在公开的总指纹里。"); }
      throw error;
    }
    return shown(section, "unit") + " 的 ¥" + shown(section, "amount") + " 在公开的合计 ¥" + shown(section, "total") + " 里，怎样算的也一字不差。";
  }

  async function checkUnit(entry, section) {
    var line = lineOf(entry, section);
    var sealed = JSON.stringify([shown(section, "salt"), shown(section, "path"), shown(section, "unit")]);
    var hash = log.toHex(await log.sha256(utf8.encode(sealed)));
    if (!line.sealed || line.sealed.unit !== hash || line.amount !== fen(shown(section, "amount"))) {
      throw new Mismatch("用页面上的房号算出的指纹，或者金额，与公开的账不同。");
    }
    return "公开账目里 ¥" + shown(section, "amount") + " 的这一行，记的就是 " + shown(section, "unit") + "。";
  }

  async function get(url) {
    var response;
    try { response = await fetch(url, { cache: "no-store", credentials: "omit" }); }
    catch (error) { throw new Unable("取不到核对所需的文件，请检查网络后再试。"); }
    if (response.status === 404) { throw new Unable("签名凭据还没有好，请过一分钟再试。"); }
    if (!response.ok) { throw new Unable("网站没有给出核对所需的文件（" + response.status + "），请稍后再试。"); }
    return new Uint8Array(await response.arrayBuffer());
  }

  async function check() {
    var data = box.dataset, text = new TextDecoder();
    var files = await Promise.all([get(data.leaf), get(data.proof), get(data.key)]);
    var body = files[0], proof = log.readProof(text.decode(files[1])), vkey = text.decode(files[2]).trim();
    var entry = JSON.parse(text.decode(body));
    if (entry.ref !== data.ref || entry.trust !== data.slug || entry.seq !== Number(data.seq)) { throw new Mismatch("公开日志的这个位置是另一笔账。"); }
    var head = await log.openCheckpoint(proof.note, vkey, data.origin);
    if (proof.index !== entry.seq) { throw new Mismatch("证明的是另一笔账。"); }
    await log.checkInclusion(await log.leafHash(body), proof.index, head, proof.hashes);
    var said = [];
    for (var part of box.querySelectorAll("[data-part]")) { said.push(await checkPart(entry, part)); }
    for (var line of box.querySelectorAll("[data-unit]")) { said.push(await checkUnit(entry, line)); }
    return said.concat(["这一笔在签过名的前 " + head.size + " 条之中，签名是真的。"]);
  }

  function say(kind, title, texts) {
    verdict.className = "verdict " + kind;
    verdict.textContent = "";
    var strong = document.createElement("strong"), list = document.createElement("ul");
    strong.textContent = title;
    texts.forEach(function (text) {
      var item = document.createElement("li");
      item.textContent = text;
      list.appendChild(item);
    });
    verdict.append(strong, list);
  }

  button.hidden = false;
  button.addEventListener("click", async function () {
    button.disabled = true;
    say("", "正在核对……", []);
    try {
      say("good", "一致", await check());
    } catch (error) {
      if (error instanceof Mismatch) { say("bad", "不一致", [error.message, "请截图保存，并告诉业委会或监督人。"]); }
      else { say("unsure", "无法核对", [error instanceof Unable ? error.message : "核对没能完成，请换一个浏览器再试。"]); }
    } finally {
      button.disabled = false;
    }
  });
})();
