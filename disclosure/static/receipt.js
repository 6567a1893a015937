/* Checks the receipt of a ballot, or of an answered questionnaire, in one's own browser: nothing of it leaves the
   phone. Without this script the form is sent and the site checks. */
(function () {
  "use strict";

  var form = document.querySelector("[data-receipt]");
  if (!form || !window.mingzhangLog) { return; }
  var log = window.mingzhangLog;
  var Mismatch = log.Mismatch, Unable = log.Unable;
  var box = document.querySelector("[data-verdict]");
  var KINDS = {
    ballot: { number: "表决", no: "选票号", record: "mingzhang.ballot.v1", field: "ballot", names: ["resolution", "ballot"],
      said: "怎么投", which: "号表决", thing: "选票", one: "张选票", after: "这里不显示您后来有没有改投，免得拿到回执的人知道。计票以每位业主最后一张票为准。" },
    answer: { number: "评价", no: "问卷号", record: "mingzhang.evaluation_answer.v1", field: "answer", names: ["round", "answer"],
      said: "怎么答", which: "轮评价", thing: "问卷", one: "份问卷", after: "日志里没有房号，也没有您的答案；少于五份的分组不公布。" }
  };
  var kind = KINDS[form.dataset.receipt];
  var LABELS = { "小区": "community", "日志位置": "seq", "随机数": "salt", "内容": "text" };
  LABELS[kind.number] = "number";
  LABELS[kind.no] = "ballot";

  form.querySelector("[data-receipt-where]").textContent = "回执里写着您" + kind.said + "。核对在您自己的浏览器里算，不发给任何人。";

  function say(kind, title, texts) {
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

  function read(text) {
    var found = {};
    text.split("\n").forEach(function (line) {
      var at = line.search(/[:：]/);
      var name = LABELS[line.slice(0, at).trim()];
      if (at > 0 && name) { found[name] = line.slice(at + 1).trim(); }
    });
    Object.keys(LABELS).forEach(function (label) {
      if (!found[LABELS[label]]) { throw new Unable("回执里缺少“" + label + "”，请整段粘贴。"); }
    });
    if (!/^\d{1,12}$/.test(found.ballot) || !/^\d{1,12}$/.test(found.seq) || !/^[0-9a-f]{16,128}$/.test(found.salt)) {
      throw new Unable("回执里的号码或随机数抄错了，请核对。");
    }
    return found;
  }

  async function get(url) {
    var response;
    try { response = await fetch(url, { cache: "no-store", credentials: "omit" }); }
    catch (error) { throw new Unable("取不到核对所需的文件，请检查网络后再试。"); }
    if (response.status === 404) { throw new Mismatch("公开日志的这个位置没有" + kind.thing + "，或者签名凭据还没有好，请过一分钟再试。"); }
    if (!response.ok) { throw new Unable("网站没有给出核对所需的文件（" + response.status + "），请稍后再试。"); }
    return new Uint8Array(await response.arrayBuffer());
  }

  async function check() {
    var data = form.dataset, kept = read(form.elements.receipt.value);
    if (kept.community !== data.slug || kept.number !== data.number) {
      throw new Unable("这是第 " + kept.number + " " + kind.which + "的回执，请到那次" + kind.number + "的页面核对。");
    }
    var files = await Promise.all([get(data.leaves + kept.seq), get(data.leaves + kept.seq + "/proof"), get(data.key)]);
    var body = files[0], text = new TextDecoder();
    var proof = log.readProof(text.decode(files[1])), vkey = text.decode(files[2]).trim();
    var sealed = await log.sha256(new TextEncoder().encode(JSON.stringify([kept.salt, kind.field, kept.text])));
    var record = JSON.parse(text.decode(body));
    if (record.kind !== kind.record || String(record.value[kind.names[0]]) !== kept.number ||
        String(record.value[kind.names[1]]) !== kept.ballot || record.value.commitment !== log.toHex(sealed)) {
      throw new Mismatch("按回执算出的指纹，与公开日志里这" + kind.one + "的指纹不同。请先核对回执有没有抄错。");
    }
    var head = await log.openCheckpoint(proof.note, vkey, data.origin);
    if (record.seq !== proof.index || proof.index !== Number(kept.seq)) { throw new Mismatch("证明的是另一条记录。"); }
    await log.checkInclusion(await log.leafHash(body), proof.index, head, proof.hashes);
    return [
      "这" + kind.one + "在公开日志的第 " + log.count(proof.index + 1) + " 条，内容与回执一字不差。",
      "它在签过名的前 " + log.count(head.size) + " 条之中，签名是真的，以后谁改了、删了都会被发现。",
      kind.after
    ];
  }

  form.addEventListener("submit", async function (event) {
    event.preventDefault();
    var button = form.querySelector("button");
    button.disabled = true;
    say("", "正在核对……", []);
    try {
      say("good", "一致", await check());
    } catch (error) {
      if (error instanceof Mismatch) { say("bad", "不一致", [error.message, "确认没有抄错的，请带着回执找业委会或监督人。"]); }
      else { say("unsure", "无法核对", [error instanceof Unable ? error.message : "核对没能完成，请换一个浏览器再试。"]); }
    } finally {
      button.disabled = false;
    }
  });
})();
