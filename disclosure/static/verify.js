/* Verifies one entry in the reader's own browser: that what the page shows is what the log holds, that the
   log is signed, and that it has not shrunk or been rewritten since this browser last looked. */
(function () {
  "use strict";

  var log = window.mingzhangLog;
  var Mismatch = log.Mismatch, Unable = log.Unable;
  var FUNDS = { F1: "物业服务资金", F2: "公共收益", F3: "押金", F4: "代收代付", F5: "专项项目资金", M: "住宅专项维修资金" };
  var CASH = { A: ["1002", "1012"], M: ["1001"] };

  /* --- what the page shows ----------------------------------------------------------------------------- */

  function yuan(fen) {
    var size = Math.abs(fen);
    var whole = String(Math.floor(size / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
    return (fen < 0 ? "-" : "") + "¥" + whole + "." + String(size % 100).padStart(2, "0");
  }

  function redLetter(fen) { return yuan(fen) + (fen < 0 ? "红字" : ""); }

  function overlap(debit, credit) {
    if (debit > 0 && credit > 0) { return Math.min(debit, credit); }
    return debit < 0 && credit < 0 ? Math.max(debit, credit) : 0;
  }

  function headline(entry) {
    var sides = {}, total = 0, red = false;
    entry.lines.forEach(function (line) {
      if (line.side === "D") { total += line.amount; }
      if (line.amount < 0) { red = true; }
      if (!CASH[entry.book].some(function (code) { return line.account.startsWith(code); })) { return; }
      sides[line.fund] = sides[line.fund] || { D: 0, C: 0 };
      sides[line.fund][line.side] += line.amount;
    });
    var came = 0, went = 0, round = 0;
    Object.keys(sides).forEach(function (fund) {
      var common = entry.event === "E00" ? 0 : overlap(sides[fund].D, sides[fund].C);
      came += sides[fund].D - common;
      went += sides[fund].C - common;
      round += common;
    });
    var kind = "记账", fen = total;
    if (entry.event === "E00" && came !== went) { kind = "期初"; fen = came - went; red = false; }
    else if (entry.event !== "E00" && came === went && came !== 0) { kind = "划转"; fen = came; }
    else if (round) { kind = "划转"; fen = round; }
    else if (entry.event !== "E00" && came) { kind = "收入"; fen = came; }
    else if (entry.event !== "E00" && went) { kind = "支出"; fen = went; }
    return { kind: kind, text: red ? redLetter(fen) : yuan(fen) };
  }

  function shown(element) { return element ? element.textContent.replace(/\s+/g, " ").trim() : ""; }

  function field(root, name) { return shown(root.querySelector('[data-field="' + name + '"]')); }

  function compare(article, entry, leaf) {
    var wrong = [];
    function check(what, onPage, inLog) {
      if (onPage !== String(inLog).replace(/\s+/g, " ").trim()) {
        wrong.push(what + "：页面上是“" + onPage + "”，日志里是“" + inLog + "”");
      }
    }
    var day = entry.date.split("-").map(Number);
    var main = headline(entry);
    check("凭证号", field(article, "ref"), entry.ref);
    check("网址里的凭证号", article.dataset.ref, entry.ref);
    check("小区", article.dataset.slug, entry.trust);
    check("日期", field(article, "date"), day[0] + "年" + day[1] + "月" + day[2] + "日");
    check("摘要", field(article, "summary"), entry.summary);
    check("收支类别", field(article, "kind"), main.kind);
    check("金额", shown(article.querySelector('.headline [data-field="amount"]')), main.text);
    if (entry.counterparty && article.querySelector('[data-field="party"]')) {
      check("对方", field(article, "party"), entry.counterparty);
    }
    check("指纹", field(article, "leaf"), log.toHex(leaf));
    var rows = article.querySelectorAll("[data-line]");
    check("分录行数", String(rows.length), entry.lines.length);
    entry.lines.forEach(function (line, at) {
      var row = rows[at];
      if (!row) { return; }
      var name = "第 " + (at + 1) + " 行分录的";
      check(name + "方向", field(row, "side"), line.side === "D" ? "借" : "贷");
      check(name + "科目", field(row, "account"), line.account);
      check(name + "科目名称", field(row, "name"), line.name);
      check(name + "资金", field(row, "fund"), line.fund);
      check(name + "资金名称", field(row, "fund-name"), FUNDS[line.fund] || line.fund);
      check(name + "金额", field(row, "amount"), redLetter(line.amount));
    });
    if (wrong.length) { throw new Mismatch("页面上显示的与日志里的不同。", wrong); }
  }

  /* --- memory ------------------------------------------------------------------------------------------ */

  function recall(origin) {
    try {
      var kept = JSON.parse(localStorage.getItem("mingzhang:" + origin));
      return kept && { size: kept.size, root: log.fromBase64(kept.root), key: kept.key };
    } catch (error) { return null; }
  }

  function remember(origin, head, vkey) {
    try {
      localStorage.setItem("mingzhang:" + origin, JSON.stringify({ size: head.size, root: log.toBase64(head.root), key: vkey }));
      return true;
    } catch (error) { return false; }
  }

  /* --- the whole check --------------------------------------------------------------------------------- */

  async function get(url) {
    var response;
    try { response = await fetch(url, { cache: "no-store", credentials: "omit" }); }
    catch (error) { throw new Unable("取不到核验所需的文件，请检查网络后再试。"); }
    if (!response.ok) { throw new Unable("网站没有给出核验所需的文件（" + response.status + "），请稍后再试。"); }
    return new Uint8Array(await response.arrayBuffer());
  }

  async function getText(url) { return new TextDecoder().decode(await get(url)); }

  async function verify(article) {
    if (!window.crypto || !crypto.subtle) {
      throw new Unable("浏览器只在加密连接（https）的网页上提供核验所需的计算，这个网页不是。");
    }
    var data = article.dataset;
    var fetched = await Promise.all([get(data.json), getText(data.proof), getText(data.key)]);
    var body = fetched[0], proof = log.readProof(fetched[1]), vkey = fetched[2].trim();
    var leaf = await log.leafHash(body);
    var entry;
    try { entry = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)); }
    catch (error) { throw new Mismatch("公开内容不是完整的记录。"); }
    var head = await log.openCheckpoint(proof.note, vkey, data.origin);
    if (entry.seq !== proof.index) { throw new Mismatch("证明的是另一笔账。"); }
    await log.checkInclusion(leaf, proof.index, head, proof.hashes);
    compare(article, entry, leaf);
    var old = recall(data.origin);
    if (old && old.key !== vkey) { throw new Mismatch("公钥与这台设备上次记下的不同。请向业委会核实公告栏上的公钥。"); }
    if (old) {
      var between = [];
      if (old.size < head.size) {
        var lines = await getText(data.consistency + old.size + "/" + head.size);
        between = lines.split("\n").filter(Boolean).map(log.fromBase64);
      }
      await log.checkConsistency(old, head, between);
    }
    return { head: head, old: old, kept: remember(data.origin, head, vkey) };
  }

  function say(box, kind, title, texts) {
    box.className = "verdict " + kind;
    box.textContent = "";
    var strong = document.createElement("strong");
    strong.textContent = title;
    box.appendChild(strong);
    var list = document.createElement("ul");
    texts.forEach(function (text) {
      var item = document.createElement("li");
      item.textContent = text;
      list.appendChild(item);
    });
    box.appendChild(list);
  }

  function good(result) {
    var texts = [
      "页面上的日期、摘要、金额和每一行分录，与公开日志里的一致。",
      "这一笔在签过名的前 " + result.head.size + " 笔之中，签名是真的。"
    ];
    if (result.old) { texts.push("从这台设备上次记下的第 " + result.old.size + " 笔到现在，旧账没有少，也没有被改写。"); }
    texts.push(result.kept ? "已在这台设备上记下这次的凭据，供下次比对。" : "浏览器不允许保存，这次的凭据没有记下。");
    return texts;
  }

  async function run(article, button, box) {
    button.disabled = true;
    say(box, "", "正在核验……", []);
    try {
      say(box, "good", "一致", good(await verify(article)));
    } catch (error) {
      if (error instanceof Mismatch) {
        say(box, "bad", "不一致", [error.message].concat(error.details, ["请截图保存，并告诉业委会或邻居。"]));
      } else {
        say(box, "unsure", "无法核验", [error instanceof Unable ? error.message : "核验程序没能完成，请换一个浏览器再试。"]);
      }
    } finally {
      button.disabled = false;
    }
  }

  var article = document.querySelector("[data-entry]");
  if (article) {
    var button = article.querySelector("[data-verify]");
    var box = article.querySelector("[data-verdict]");
    article.querySelector("[data-verify-start]").hidden = false;
    button.addEventListener("click", function () { run(article, button, box); });
  }
})();
