/* The verifier that is one file: checks what an address or files give, and shows what was checked. */
(function () {
  "use strict";

  var log = window.mingzhangLog, pages = window.mingzhangPages;
  var Mismatch = log.Mismatch, Unable = log.Unable;
  var form = document.querySelector("[data-form]"), box = document.querySelector("[data-verdict]");
  var taken = document.querySelector("[data-taken]"), shown = document.querySelector("[data-shown]");
  var dropped = [];

  function add(parent, tag, text, classes) {
    var element = document.createElement(tag);
    if (text) { element.textContent = text; }
    if (classes) { element.className = classes; }
    parent.appendChild(element);
    return element;
  }

  function say(kind, title, texts) {
    box.className = "verdict " + kind;
    box.textContent = "";
    add(box, "strong", title);
    var list = add(box, "ul");
    texts.forEach(function (text) { add(list, "li", text); });
  }

  /* --- what was handed in ---------------------------------------------------------------------------------- */

  /* Sort texts by what they are. `body` keeps the bytes: one space more and it is another leaf. */
  function sort(items, found) {
    items.forEach(function (item) {
      var text = new TextDecoder().decode(item.bytes), tidy = text.trim();
      var kind = null;
      if (/^\{[\s\S]*"made_at"[\s\S]*"vkey"/.test(tidy)) { kind = unpack(tidy, found); }
      else if (tidy.indexOf("c2sp.org/tlog-proof@v1") === 0) { kind = "入账证明"; found.proof = text; }
      else if (/^\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(tidy)) { kind = "公钥"; found.vkey = tidy; }
      else if (/^\{[\s\S]*"kind"\s*:\s*"mingzhang\./.test(tidy)) { kind = "公开内容原文"; found.body = item.exact ? item.bytes : new TextEncoder().encode(tidy); }
      else if (tidy.indexOf("\n— ") > 0) { kind = "凭据"; found.notes.push(tidy + "\n"); }
      else if (/^([A-Za-z0-9+/]{43}=\s*)+$/.test(tidy)) { kind = "前后一致的证明"; found.between = tidy; }
      else if (/^\{/.test(tidy)) { kind = "报告原文"; found.content = item.exact ? item.bytes : new TextEncoder().encode(tidy); }
      add(taken, "li", (item.name || "粘贴的内容") + "：" + (kind || "认不出这是什么，没有用"));
    });
  }

  /* Evidence that a page of the site gave out: what is signed in it is checked again. What the page showed then is
     signed by nobody. */
  function unpack(text, found) {
    var evidence;
    try { evidence = JSON.parse(text); } catch (error) { return null; }
    found.evidence = evidence;
    found.proofs = evidence.proofs || {};
    found.vkey = evidence.vkey || found.vkey;
    if (evidence.leaf) { found.body = new TextEncoder().encode(evidence.leaf); }
    if (evidence.proof) { found.proof = evidence.proof; }
    if (evidence.shown_checkpoint) { found.note = evidence.shown_checkpoint; }
    if (evidence.consistency) { found.between = evidence.consistency; }
    if (evidence.kept) { found.unsigned = !evidence.kept.note; }
    if (evidence.kept && evidence.kept.note) { found.notes.push(evidence.kept.note); }
    return "证据";
  }

  /* What evidence says that no signature covers. */
  function told(found) {
    if (!found.evidence) { return []; }
    var texts = ["证据里有签名的部分，前后一致。证据里写的结论是：" + (found.evidence.reasons || []).join("") + "页面当时显示了什么没有签名，要有截图或在场的人作证。"];
    return found.unsigned ? texts.concat("证据里的旧凭据上没有签名，没有用它来比。") : texts;
  }

  function bytesOf(file) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () { resolve(new Uint8Array(reader.result)); };
      reader.onerror = function () { reject(new Unable("读不出文件 " + file.name)); };
      reader.readAsArrayBuffer(file);
    });
  }

  async function handedIn() {
    var files = dropped.concat(Array.from(form.elements.files.files)), found = { notes: [] };
    taken.textContent = "";
    var items = await Promise.all(files.map(async function (file) { return { name: file.name, bytes: await bytesOf(file), exact: true }; }));
    if (form.elements.pasted.value.trim()) { items.push({ name: "", bytes: new TextEncoder().encode(form.elements.pasted.value), exact: false }); }
    sort(items, found);
    return found;
  }

  /* --- from an address ----------------------------------------------------------------------------------- */

  async function get(url) {
    var response;
    try { response = await fetch(url, { cache: "no-store", credentials: "omit" }); }
    catch (error) { throw new Unable("连不上 " + url + "。请检查网址和网络；https 的网页取不了 http 的网站。"); }
    if (!response.ok) { throw new Unable("网站没有给出 " + url + "（" + response.status + "）。", response.status); }
    return new Uint8Array(await response.arrayBuffer());
  }

  async function getText(url) { return new TextDecoder().decode(await get(url)); }

  async function fetchAll(address, found) {
    var match = /^(https?:\/\/.*?\/c\/[a-z0-9-]+)(?:\/(.*?))?\/?$/.exec(address.split(/[?#]/)[0]);
    if (!match) { throw new Unable("网址应像 https://网站/c/小区/entries/A-2025-000123。"); }
    var base = match[1] + "/log/", rest = match[2] || "", leaf = "";
    if (/^entries\/[^/]+$/.test(rest)) { leaf = match[1] + "/" + rest.replace(/\.json$/, "") + ".json"; }
    if (/^log\/leaf\/[0-9]+$/.test(rest)) { leaf = match[1] + "/" + rest; }
    if (/^statements\/[^/]+$/.test(rest)) { leaf = await statementLeaf(match[1] + "/" + rest, found); }
    found.base = base;
    found.siteKey = (await getText(base + "key")).trim();
    found.note = await getText(base + "checkpoint");
    if (leaf) {
      found.body = await get(leaf);
      found.proof = await getText(leaf.replace(/\.json$/, "") + "/proof");
    }
  }

  /* A statement's page says which leaf it is and where its text is. */
  async function statementLeaf(address, found) {
    var page = new DOMParser().parseFromString(await getText(address), "text/html");
    var article = page.querySelector("[data-statement]");
    if (!article || !article.dataset.leaf) { throw new Unable("这份报告的页面没有写明它在日志里的位置，请改用文件核对。"); }
    found.content = await get(new URL(article.dataset.json, address).href);
    return new URL(article.dataset.leaf, address).href;
  }

  async function between(found, old, head) {
    if (old.size >= head.size) { return []; } /* no proof leads back: the comparison itself says what is wrong */
    var name = "consistency/" + old.size + "/" + head.size;
    if (found.proofs && found.proofs[name]) { return log.readHashes(found.proofs[name]); }
    if (found.base) { return log.readHashes(await getText(found.base + name)); }
    if (found.between) { return log.readHashes(found.between.replace(/\s+/g, "\n")); }
    throw new Unable("要把 " + old.size + " 条的旧凭据和 " + head.size + " 条的新凭据相比，还缺证明文件：网站的 /log/" + name + "。");
  }

  /* --- the check ----------------------------------------------------------------------------------------- */

  async function check(found) {
    var typed = form.elements.key.value.trim(), texts = [];
    var vkey = typed || found.vkey || found.siteKey;
    if (!vkey) { throw new Unable("缺少公钥：请填写，或加入公钥文件。"); }
    if (typed && found.siteKey && found.siteKey !== typed) { throw new Mismatch("网站出示的公钥与您手里的不同：公钥被换过，或者抄错了。"); }
    var origin = vkey.split("+")[0], head = null, value = null;
    if (found.body) {
      if (!found.proof) { throw new Unable("缺少入账证明文件。"); }
      var leaf = await log.checkLeaf(found.body, log.readProof(found.proof), vkey, origin);
      head = leaf.head;
      value = leaf.value;
      texts.push("这一条在签过名的前 " + log.count(head.size) + " 条之中，排第 " + log.count(value.seq + 1) + "，内容一字不差，签名是真的。");
    }
    if (found.content && value) {
      if (!value.value || log.toHex(await log.sha256(found.content)) !== value.value.sha256) { throw new Mismatch("报告原文与签过名的指纹不同：原文被改过，或者不是同一份。"); }
      texts.push("报告原文与签过名的指纹相同。");
    }
    if (found.note) {
      var newest = await log.openCheckpoint(found.note, vkey, origin);
      if (head) { await sameLog(found, head, newest); }
      else { head = newest; texts.push("最新凭据的签名是真的，共 " + log.count(head.size) + " 条。"); }
    }
    var olds = found.notes.slice();
    if (form.elements.old.value.trim()) { olds.push(form.elements.old.value); }
    if (!head && olds.length) { head = await log.openCheckpoint(olds.shift(), vkey, origin); texts.push("凭据的签名是真的，共 " + log.count(head.size) + " 条。"); }
    if (!head) { throw new Unable("请填写网址，或加入要核对的文件。"); }
    texts = texts.concat(await compareOld(found, olds, head, vkey, origin));
    texts = texts.concat(told(found));
    texts.push(typed ? "公钥是您自己填写的。" : "公钥取自网站或文件，没有另外核对：请与公告栏比一比。");
    return { texts: texts, value: value, content: found.content };
  }

  /* The head a proof ends in and the newest one the site shows are of one history; either may be a moment older. */
  async function sameLog(found, proved, newest) {
    var old = proved.size < newest.size ? proved : newest, head = old === proved ? newest : proved;
    await log.checkConsistency(old, head, await between(found, old, head));
  }

  async function compareOld(found, olds, head, vkey, origin) {
    var texts = [];
    for (var text of olds) {
      var old = log.readKept(text, origin);
      if (old.note) { await log.openCheckpoint(old.note, vkey, origin); }
      try { await log.checkConsistency(old, head, await between(found, old, head)); } catch (error) {
        if (error instanceof Mismatch && !old.note) { error.details = ["您填的旧凭据上没有签名：请先核对有没有抄错。"]; }
        throw error;
      }
      texts.push("与留存的前 " + log.count(old.size) + " 条的凭据一致：从那时到现在，旧账没有少，也没有被改写。");
    }
    var seen = found.base ? log.recall(origin) : null;
    if (seen) {
      if (seen.key !== vkey) { throw new Mismatch("公钥与这台电脑上次记下的不同。"); }
      await log.checkConsistency(seen, head, await between(found, seen, head));
      texts.push("与这台电脑上次记下的前 " + log.count(seen.size) + " 条也一致。");
    }
    if (found.base) { log.remember(origin, head, vkey); texts = texts.concat(await witnessed(found, head)); }
    else if (found.evidence) { texts = texts.concat(await signed(found.evidence.about, found, head)); }
    if (!olds.length && !seen) { texts.push("您没有给出旧凭据，所以不能说明旧账没有被整体重写。"); }
    return texts;
  }

  async function witnessed(found, head) {
    var state;
    try { state = JSON.parse(await getText(found.base + "about")); } catch (error) { state = null; }
    return signed(state, found, head);
  }

  async function signed(state, found, head) {
    return (await log.checkWitnesses(state, head, function (old, size) { return between(found, { size: old }, { size: size }); }))
      .concat(state && state.witnesses && state.witnesses.length ? ["见证人的公钥取自网站，请与见证人当面核对。"] : []);
  }

  /* --- what was checked ----------------------------------------------------------------------------------- */

  function show(result) {
    var body = document.querySelector("[data-shown-body]"), value = result.value;
    body.textContent = "";
    shown.hidden = !value;
    if (!value) { return; }
    if (value.kind === "mingzhang.entry.v1") {
      var main = pages.headline(value);
      add(body, "p", value.ref + "　" + pages.day(value.date) + "　" + value.summary);
      add(body, "p", main.kind + " " + main.text + (value.counterparty ? "　对方：" + value.counterparty : ""));
      var table = add(body, "table"), row = add(add(table, "thead"), "tr");
      ["借贷", "科目", "资金", "金额"].forEach(function (title) { add(row, "th", title).scope = "col"; });
      var rows = add(table, "tbody");
      value.lines.forEach(function (line) {
        var cells = add(rows, "tr");
        add(cells, "td", line.side === "D" ? "借" : "贷");
        add(cells, "td", line.account + " " + line.name);
        add(cells, "td", pages.FUNDS[line.fund] || line.fund);
        add(cells, "td", pages.redLetter(line.amount), "number");
      });
    }
    var fold = add(body, "details");
    add(fold, "summary", "原文");
    add(fold, "pre", JSON.stringify(value, null, 2));
    if (result.content) { add(fold, "pre", JSON.stringify(JSON.parse(new TextDecoder().decode(result.content)), null, 2)); }
  }

  async function run() {
    say("", "正在核验……", []);
    shown.hidden = true;
    try {
      var found = await handedIn(), address = form.elements.address.value.trim();
      if (address) { await fetchAll(address, found); }
      var result = await check(found);
      say("good", "一致", result.texts);
      show(result);
    } catch (error) {
      if (error instanceof Mismatch) { say("bad", "不一致", [error.message].concat(error.details, ["请把这些文件、网址和截图保存好，告诉业委会、街道和邻居。"])); }
      else { say("unsure", "无法核验", [error instanceof Unable ? error.message : "核验程序没能完成：" + error]); }
    }
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); run(); });
  document.addEventListener("dragover", function (event) { event.preventDefault(); });
  document.addEventListener("drop", function (event) {
    event.preventDefault();
    dropped = dropped.concat(Array.from(event.dataTransfer.files));
    handedIn();
  });
})();
