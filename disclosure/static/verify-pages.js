/* What a page shows, compared with what the log holds: entries, statements, records. */
window.mingzhangPages = (function () {
  "use strict";

  var log = window.mingzhangLog;
  var FUNDS = { F1: "物业服务资金", F2: "公共收益", F3: "押金", F4: "代收代付", F5: "专项项目资金", M: "住宅专项维修资金" };
  var CASH = { A: ["1002", "1012"], M: ["1001"] };

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

  function tidy(text) { return String(text).replace(/\s+/g, " ").trim(); }

  function shown(element) { return element ? tidy(element.textContent) : ""; }

  function field(root, name) { return shown(root.querySelector('[data-field="' + name + '"]')); }

  /* Collects pairs; `wrong` are those that differ, `seen` all of them, for the evidence. */
  function Pairs() { this.wrong = []; this.seen = {}; }
  Pairs.prototype.check = function (what, onPage, inLog) {
    this.seen[what] = onPage;
    if (onPage !== tidy(inLog)) { this.wrong.push(what + "：页面上是“" + onPage + "”，日志里是“" + inLog + "”"); }
  };

  function day(text) {
    var parts = text.split("-").map(Number);
    return parts[0] + "年" + parts[1] + "月" + parts[2] + "日";
  }

  function entry(article, value, leaf) {
    var pairs = new Pairs(), main = headline(value);
    pairs.check("凭证号", field(article, "ref"), value.ref);
    pairs.check("网址里的凭证号", article.dataset.ref, value.ref);
    pairs.check("小区", article.dataset.slug, value.trust);
    pairs.check("日期", field(article, "date"), day(value.date));
    pairs.check("摘要", field(article, "summary"), value.summary);
    pairs.check("收支类别", field(article, "kind"), main.kind);
    pairs.check("金额", shown(article.querySelector('.headline [data-field="amount"]')), main.text);
    if (value.counterparty && article.querySelector('[data-field="party"]')) {
      pairs.check("对方", field(article, "party"), value.counterparty);
    }
    pairs.check("指纹", field(article, "leaf"), log.toHex(leaf));
    sentence(pairs, shown(article.querySelector("h1")), main.text);
    papers(pairs, article, value.documents || []);
    ["reverses", "amends"].forEach(function (name) {
      var links = Array.from(article.querySelectorAll(".notice a"), shown);
      if (value[name]) { pairs.check("更正的是哪一笔", links.indexOf(value[name]) < 0 ? "没有写" : value[name], value[name]); }
    });
    var rows = article.querySelectorAll("[data-line]");
    pairs.check("分录行数", String(rows.length), value.lines.length);
    value.lines.forEach(function (line, at) {
      var row = rows[at];
      if (!row) { return; }
      var name = "第 " + (at + 1) + " 行分录的";
      pairs.check(name + "方向", field(row, "side"), line.side === "D" ? "借" : "贷");
      pairs.check(name + "科目", field(row, "account"), line.account);
      pairs.check(name + "科目名称", field(row, "name"), line.name);
      pairs.check(name + "资金", field(row, "fund"), line.fund);
      pairs.check(name + "资金名称", field(row, "fund-name"), FUNDS[line.fund] || line.fund);
      pairs.check(name + "金额", field(row, "amount"), redLetter(line.amount));
    });
    return pairs;
  }

  /* The title says the entry in words: the amounts in it are the entry's. */
  function sentence(pairs, title, amount) {
    (title.match(/¥[0-9,.]*[0-9]/g) || []).forEach(function (said) {
      pairs.check("标题里的金额", said, amount.replace(/^-|红字$/g, ""));
    });
  }

  function short(hash) { return hash.slice(0, 8) + "…" + hash.slice(-4); }

  /* Vouchers: as many as the log names, with its fingerprints, and links to no other copies. */
  function papers(pairs, article, documents) {
    var known = {}, copies = {};
    documents.forEach(function (item) {
      if (item.public) { known[short(item.public)] = true; copies[item.public] = true; }
      if (item.original) { known[short(item.original)] = true; }
    });
    pairs.check("凭证张数", String(article.querySelectorAll(".documents > li").length), documents.length);
    article.querySelectorAll(".documents code.hash").forEach(function (code) {
      pairs.check("凭证的指纹", shown(code), known[shown(code)] ? shown(code) : "没有这一张");
    });
    article.querySelectorAll('.documents a[href*="/documents/"]').forEach(function (link) {
      var hash = link.getAttribute("href").split("/documents/")[1];
      pairs.check("公开件", hash, copies[hash] ? hash : "没有这一张");
    });
  }

  /* --- figures marked with their path in the JSON --------------------------------------------------------- */

  function at(value, path) {
    return path.split(".").reduce(function (found, key) {
      return found === null || found === undefined ? undefined : found[key];
    }, value);
  }

  /* Fen of an amount as people read it ("¥1,234.50", "-1,234.50 元", "12.00红字"); null if it is none. */
  function fen(text) {
    var match = /^([-−+]?)¥?([-−]?)([0-9][0-9,]*)\.([0-9]{2})(?:元)?(?:红字)?$/.exec(text.replace(/\s/g, ""));
    if (!match) { return null; }
    var size = Number(match[3].replace(/,/g, "")) * 100 + Number(match[4]);
    return /[-−]/.test(match[1] + match[2]) ? -size : size;
  }

  function agrees(text, value) {
    if (typeof value !== "number") { return text === tidy(value); }
    var amount = fen(text);
    if (amount !== null) { return amount === value; }
    return text.replace(/[,\s]/g, "").replace(/−/g, "-").replace(/[^0-9-]+$/, "") === String(value);
  }

  function figures(article, value) {
    var pairs = new Pairs(), marked = article.querySelectorAll("[data-figure]");
    marked.forEach(function (element) {
      var path = element.dataset.figure, text = shown(element), known = at(value, path);
      pairs.seen[path] = text;
      if (known === undefined || !agrees(text, known)) {
        var label = element.dataset.label || path;
        var said = known === undefined ? "没有这一项" : typeof known === "number" && fen(text) !== null ? yuan(known) : known;
        if (element.dataset.unit === "points") { said = String(said).replace("¥", ""); }
        pairs.wrong.push(label + "：页面上是“" + text + "”，公开原文里是“" + said + "”");
      }
    });
    pairs.count = marked.length;
    if (!marked.length) { throw new log.Unable("这一页没有标出可以比对的数字。"); }
    return pairs;
  }

  /* A statement's title and version are those of the record: figures of another month would agree with themselves. */
  function statement(article, content, record) {
    var pairs = figures(article, content), year = Math.floor(content.period / 100), part = content.period % 100;
    var name = year + "年" + (part === 0 ? "度" : part > 12 ? "第" + "一二三四".charAt(part - 33) + "季度" : part + "月");
    pairs.check("标题里的期间", shown(article.querySelector("h1")).slice(0, name.length), name);
    pairs.check("版次", (/第 ?[0-9]+ ?版/.exec(shown(article.querySelector(".meta"))) || ["没有写"])[0].replace(/ /g, ""), "第" + record.value.version + "版");
    pairs.check("登记的是哪一期", String(record.value.period), content.period);
    pairs.check("小区", location.pathname.split("/")[2], record.trust);
    return pairs;
  }

  return { entry: entry, statement: statement, figures: figures, headline: headline, day: day, redLetter: redLetter, FUNDS: FUNDS };
})();
