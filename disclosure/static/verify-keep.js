/* On the page about verification: compares a checkpoint kept on paper (pasted, or scanned: the part of the address
   after #, which no browser sends to the site) with what the site shows now, and remembers. */
(function () {
  "use strict";

  var log = window.mingzhangLog, tools = window.mingzhangVerify;
  var form = document.querySelector("[data-keep]");
  if (!form) { return; }
  var box = document.querySelector("[data-keep-verdict]"), seen = document.querySelector("[data-keep-seen]");
  var base = form.dataset.base, origin = form.dataset.origin, text = form.elements.kept;
  form.hidden = false;

  function showSeen() {
    var kept = log.recall(origin);
    seen.textContent = kept
      ? "这台设备记着前 " + log.count(kept.size) + " 条的凭据" + (kept.at ? "（" + log.dayOf(kept.at) + "记下）" : "") + "。"
      : "这台设备还没有记下这本账的凭据，核验一次就会记下。";
  }

  async function check(evidence) {
    var files = await Promise.all([tools.getText(base + "key"), tools.getText(base + "checkpoint")]);
    var vkey = files[0].trim(), paper = log.readKept(text.value, origin), texts = [];
    evidence.vkey = vkey;
    evidence.shown_checkpoint = files[1];
    evidence.typed = text.value;
    tools.checkName(base, origin, evidence);
    var head = await log.openCheckpoint(files[1], vkey, origin);
    if (paper.note) {
      try { await log.openCheckpoint(paper.note, vkey, origin); } catch (error) {
        if (!(error instanceof log.Mismatch)) { throw error; }
        throw new log.Mismatch("您这份凭据上的签名，用网站现在的公钥验不过。", ["请先核对有没有抄错、漏行。", "没有抄错的话：要么公钥被换过，要么这份凭据是假的。请与公告栏上的公钥比对。"]);
      }
      texts.push("您这份凭据（前 " + log.count(paper.size) + " 条）上的签名是真的。");
    } else {
      texts.push("您这份凭据上没有签名，只比对了条数和总指纹。");
    }
    try { await tools.continues(base, paper, head, vkey, evidence); } catch (error) {
      if (error instanceof log.Mismatch && !paper.note) { error.details = ["这份凭据上没有签名：请先核对有没有抄错。"]; }
      throw error;
    }
    texts.push("从那时到现在的 " + log.count(head.size) + " 条：旧账没有少，也没有被改写。");
    var old = log.recall(origin);
    await tools.continues(base, old, head, vkey, evidence);
    if (old) { texts.push("与这台设备上次记下的（前 " + log.count(old.size) + " 条）也一致。"); }
    texts = texts.concat(await tools.witnessed(base, head, evidence));
    texts.push(log.remember(origin, head, vkey) ? "已在这台设备上记下现在的凭据。" : "浏览器不允许保存，没有记下。");
    showSeen();
    return texts;
  }

  async function run() {
    var button = form.querySelector("button");
    button.disabled = true;
    await tools.judge(box, base, check);
    button.disabled = false;
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); run(); });

  function scanned() {
    if (/[#&]kept=/.test(location.hash)) {
      text.value = location.hash.slice(location.hash.indexOf("kept=") + 5);
      box.scrollIntoView();
      run();
    }
  }

  window.addEventListener("hashchange", scanned);
  showSeen();
  scanned();
})();
