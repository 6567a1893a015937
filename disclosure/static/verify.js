/* 核验: checks the entry, statement or record on this page in the reader's own browser: that what the page shows
   is what the log holds, that the log is signed, and that it has not shrunk or been rewritten since this browser
   last looked. Shares mingzhangVerify with verify-keep.js. */
window.mingzhangVerify = (function () {
  "use strict";

  var log = window.mingzhangLog, pages = window.mingzhangPages;
  var Mismatch = log.Mismatch, Unable = log.Unable;

  /* --- files ------------------------------------------------------------------------------------------- */

  async function get(url) {
    var response;
    try { response = await fetch(url, { cache: "no-store", credentials: "omit" }); }
    catch (error) { throw new Unable("取不到核验所需的文件，请检查网络后再试。"); }
    if (!response.ok) { throw new Unable("网站没有给出核验所需的文件（" + response.status + "），请稍后再试。", response.status); }
    return new Uint8Array(await response.arrayBuffer());
  }

  async function getText(url) { return new TextDecoder().decode(await get(url)); }

  /* What the site says of the log besides: witnesses, whom to tell. Its absence fails nothing. */
  async function about(base) {
    try { return JSON.parse(await getText(base + "about")); } catch (error) { return null; }
  }

  function soon() { return new Promise(function (resolve) { setTimeout(resolve, 3000, null); }); }

  /* The log at an address keeps its name for good; the first one seen here is remembered. */
  function checkName(base, origin, evidence) {
    var place = "mingzhang-at:" + location.host + base, known = null;
    try {
      known = localStorage.getItem(place);
      if (!known) { localStorage.setItem(place, origin); }
    } catch (error) { known = null; }
    evidence.name_kept = known;
    if (known && known !== origin) {
      throw new Mismatch("这本账以前叫“" + known + "”，现在换成了“" + origin + "”：账本被换过。");
    }
  }

  /* Does the log under `head` continue `old`? Fetches the proof between them. */
  async function continues(base, old, head, vkey, evidence) {
    if (!old) { return; }
    evidence.kept = { size: old.size, root: log.toBase64(old.root), note: old.note || null, at: old.at || null, key: old.key || vkey };
    if (old.key && old.key !== vkey) {
      throw new Mismatch("公钥与这台设备上次记下的不同。请向业委会核实公告栏上的公钥。");
    }
    var between = [];
    if (old.size < head.size) {
      evidence.consistency = await getText(base + "consistency/" + old.size + "/" + head.size);
      between = log.readHashes(evidence.consistency);
    }
    await log.checkConsistency(old, head, between);
  }

  /* What the witnesses signed, checked here too. */
  async function witnessed(base, head, evidence) {
    var state = await about(base);
    evidence.about = state;
    evidence.proofs = {};
    return log.checkWitnesses(state, head, async function (old, size) {
      var name = "consistency/" + old + "/" + size;
      if (old === size) { return []; }
      evidence.proofs[name] = await getText(base + name);
      return log.readHashes(evidence.proofs[name]);
    });
  }

  /* --- the whole check of a page --------------------------------------------------------------------------- */

  async function verify(article, evidence) {
    var data = article.dataset, isEntry = data.entry !== undefined;
    var leafUrl = isEntry ? data.json : data.leaf;
    var base = (data.key || data.leaf).replace(/(key|leaf\/[0-9]+)$/, "");
    var wanted = [get(leafUrl), getText(data.proof || leafUrl + "/proof"), getText(base + "key")];
    if (!isEntry && data.json) { wanted.push(get(data.json)); }
    var files = await Promise.all(wanted);
    var body = files[0], proof = log.readProof(files[1]), vkey = files[2].trim();
    var origin = data.origin || vkey.split("+")[0];
    evidence.leaf = new TextDecoder().decode(body);
    evidence.proof = files[1];
    evidence.vkey = vkey;
    checkName(base, origin, evidence);
    var found = await log.checkLeaf(body, proof, vkey, origin), pairs;
    if (isEntry) {
      pairs = pages.entry(article, found.value, found.leaf);
    } else {
      var content = found.value.value;
      if (files[3]) {
        if (log.toHex(await log.sha256(files[3])) !== content.sha256) {
          throw new Mismatch("网站给出的原文与签过名的指纹不同：原文被改过。");
        }
        content = JSON.parse(new TextDecoder().decode(files[3]));
      }
      pairs = data.statement === undefined ? pages.figures(article, content) : pages.statement(article, content, found.value);
    }
    evidence.shown = pairs.seen;
    if (pairs.wrong.length) { throw new Mismatch("页面上显示的与日志里的不同。", pairs.wrong); }
    var old = log.recall(origin);
    await continues(base, old, found.head, vkey, evidence);
    return {
      head: found.head, old: old, count: pairs.count, isEntry: isEntry,
      kept: log.remember(origin, found.head, vkey),
      others: await witnessed(base, found.head, evidence)
    };
  }

  function good(result) {
    var texts = [
      result.isEntry ? "页面上的日期、摘要、金额和每一行分录，与公开日志里的一致。"
        : "页面上标出的 " + result.count + " 个数字，与公开日志里的一致。",
      "它在签过名的前 " + log.count(result.head.size) + " 条之中，签名是真的。"
    ];
    if (result.old) { texts.push("从这台设备上次记下的第 " + log.count(result.old.size) + " 条到现在，旧账没有少，也没有被改写。"); }
    texts = texts.concat(result.others);
    texts.push(result.kept ? "已在这台设备上记下这次的凭据，供下次比对。" : "浏览器不允许保存，这次的凭据没有记下。");
    return texts;
  }

  /* --- verdict ----------------------------------------------------------------------------------------- */

  function add(parent, tag, text, classes) {
    var element = document.createElement(tag);
    if (text) { element.textContent = text; }
    if (classes) { element.className = classes; }
    parent.appendChild(element);
    return element;
  }

  function say(box, kind, title, texts) {
    box.className = "verdict " + kind;
    box.textContent = "";
    add(box, "strong", title);
    var list = add(box, "ul");
    texts.forEach(function (text) { add(list, "li", text); });
  }

  /* The evidence as a file to keep, and as text to copy where a browser saves no files (WeChat). */
  function offer(box, evidence, tell) {
    var text = JSON.stringify(evidence, null, 2);
    add(box, "p", "请把下面的证据保存好，告诉：" + tell.join("、") + "。证据里有账本自己的签名，可以交给别人独立核对。");
    var link = add(box, "a", "下载证据", "button");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "mingzhang-evidence.json";
    var fold = add(box, "details");
    add(fold, "summary", "不能下载？复制这段文字");
    var area = add(fold, "textarea");
    area.readOnly = true;
    area.rows = 8;
    area.setAttribute("aria-label", "证据原文");
    area.value = text;
  }

  /* What 一致 does not say, right beside it: the page about verification has the whole of it. */
  function limits(box, base) {
    var better = document.querySelector("[data-keep]") ? "换一个地方再核一次更放心：" : "拿纸上的凭据比一比更放心：";
    var note = add(box, "p", "“一致”说明账没有被偷改，不说明钱花得对不对。核验程序也是本网站发来的，" + better, "fine");
    add(note, "a", "它不能说明什么").href = base.replace(/log\/$/, "verify#limits");
  }

  /* Run a check and say how it ended. `check(evidence)` gives the sentences of 一致. */
  async function judge(box, base, check) {
    var evidence = { made_at: new Date().toISOString(), page: location.href, browser: navigator.userAgent };
    say(box, "", "正在核验……", []);
    try {
      say(box, "good", "一致", await check(evidence));
      limits(box, base);
    } catch (error) {
      if (!(error instanceof Mismatch)) {
        say(box, "unsure", "无法核验", [
          error instanceof Unable ? error.message : "核验程序没能完成，请换一个浏览器再试。",
          "这不等于账有问题。换一个网络、换一部手机再试；几天都这样，就告诉业主委员会。"
        ]);
        return;
      }
      say(box, "bad", "不一致", [error.message].concat(error.details));
      evidence.verdict = "不一致";
      evidence.reasons = [error.message].concat(error.details);
      var state = evidence.about || (await Promise.race([about(base), soon()])); /* it must not hold up the evidence */
      evidence.about = state;
      offer(box, evidence, state && state.tell ? state.tell : ["业主委员会", "街道办事处", "邻居"]);
    }
  }

  var article = document.querySelector("[data-entry], [data-statement], [data-record]");
  var button = article && article.querySelector("[data-verify]");
  if (button) {
    var box = article.querySelector("[data-verdict]");
    article.querySelector("[data-verify-start]").hidden = false;
    button.addEventListener("click", async function () {
      button.disabled = true;
      var base = (article.dataset.key || article.dataset.leaf).replace(/(key|leaf\/[0-9]+)$/, "");
      await judge(box, base, async function (evidence) { return good(await verify(article, evidence)); });
      button.disabled = false;
    });
  }

  return { getText: getText, checkName: checkName, continues: continues, witnessed: witnessed, judge: judge };
})();
