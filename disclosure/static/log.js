/* Reads and checks a public log in the reader's own browser. Formats: RFC 6962 tree, C2SP signed-note,
   tlog-checkpoint, tlog-proof and tlog-cosignature. Hashes and signatures are the browser's own (WebCrypto);
   where it has none (old browsers, plain http), two small packages are loaded from vendor/. Nothing newer than
   ES2017: old phones. */
window.mingzhangLog = (function () {
  "use strict";

  var utf8 = new TextEncoder();
  var own = document.currentScript ? document.currentScript.src : "";
  var loading = null;

  /* What was checked is wrong; what could not be checked, and why (`status`: what the site answered instead). */
  function Mismatch(message, details) { this.message = message; this.details = details || []; }
  function Unable(message, status) { this.message = message; this.status = status || 0; }

  /* --- bytes ------------------------------------------------------------------------------------------- */

  function fromBase64(text) {
    var raw;
    try { raw = atob(text); } catch (error) { throw new Mismatch("证明里的编码不合规范。"); }
    return Uint8Array.from(raw, function (char) { return char.charCodeAt(0); });
  }

  function toBase64(bytes) { return btoa(String.fromCharCode.apply(null, bytes)); }

  function toHex(bytes) {
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  function join() {
    var parts = Array.from(arguments);
    var joined = new Uint8Array(parts.reduce(function (sum, part) { return sum + part.length; }, 0));
    parts.reduce(function (at, part) { joined.set(part, at); return at + part.length; }, 0);
    return joined;
  }

  function same(a, b) { return toHex(a) === toHex(b); }

  /* --- hashes and signatures --------------------------------------------------------------------------- */

  function subtle() { return window.crypto && window.crypto.subtle; }

  function load(name) {
    return new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = own.replace(/log\.js/, "vendor/" + name);
      script.onload = resolve;
      script.onerror = reject;
      document.head.appendChild(script);
    });
  }

  /* The packages, from the site once, or already there in the verifier that is one file. */
  async function packages() {
    if (window.nacl && window.sha256) { return; }
    if (!loading) { loading = Promise.all([load("sha256.min.js"), load("nacl-fast.min.js")]); }
    try { await loading; } catch (error) {
      loading = null;
      throw new Unable("这个浏览器不会核验所需的计算，备用程序也没有取到。请升级浏览器，或换一个新的浏览器再试。");
    }
  }

  async function sha256(bytes) {
    if (subtle()) { return new Uint8Array(await subtle().digest("SHA-256", bytes)); }
    await packages();
    return window.sha256(bytes);
  }

  async function ed25519(key, signature, message) {
    var imported = null;
    if (subtle()) {
      try { imported = await subtle().importKey("raw", key, { name: "Ed25519" }, false, ["verify"]); }
      catch (error) { imported = null; } /* a browser that knows SHA-256 and not Ed25519: before 2025 */
    }
    if (imported) { return subtle().verify({ name: "Ed25519" }, imported, signature, message); }
    await packages();
    return signature.length === 64 && window.nacl.sign.detached.verify(message, signature, key);
  }

  function leafHash(body) { return sha256(join(new Uint8Array([0]), body)); }
  function nodeHash(left, right) { return sha256(join(new Uint8Array([1]), left, right)); }

  function isOdd(number) { return number % 2 === 1; }
  function half(number) { return Math.floor(number / 2); }

  /* --- tree (RFC 9162, 2.1.3.2 and 2.1.4.2) ------------------------------------------------------------ */

  async function climb(position, last, start, proof) {
    var before = start, now = start;
    for (var item of proof) {
      if (last === 0) { throw new Mismatch("证明太长。"); }
      if (isOdd(position) || position === last) {
        before = await nodeHash(item, before);
        now = await nodeHash(item, now);
        while (position && !isOdd(position)) { position = half(position); last = half(last); }
      } else {
        now = await nodeHash(now, item);
      }
      position = half(position);
      last = half(last);
    }
    if (last !== 0) { throw new Mismatch("证明太短。"); }
    return { before: before, now: now };
  }

  async function checkInclusion(leaf, index, head, proof) {
    if (index >= head.size) { throw new Mismatch("签名凭据只有 " + count(head.size) + " 条，不含这一条。"); }
    var climbed = await climb(index, head.size - 1, leaf, proof);
    if (!same(climbed.now, head.root)) { throw new Mismatch("这一条的内容不在签过名的账里，或者被改过。"); }
  }

  async function checkConsistency(old, head, proof) {
    if (old.size > head.size) {
      throw new Mismatch("以前见过 " + count(old.size) + " 条的账，现在只有 " + count(head.size) + " 条，账变少了。");
    }
    if (old.size === head.size) {
      if (!same(old.root, head.root)) { throw new Mismatch("条数相同，但总指纹与以前见过的不同：旧账被改写过。"); }
      return;
    }
    var complete = old.size, last = head.size - 1; /* climb to the last complete subtree of the old tree */
    for (; !isOdd(complete); complete = half(complete)) { last = half(last); }
    var position = complete - 1;
    var path = position === 0 ? [old.root].concat(proof) : proof;
    if (!path.length) { throw new Mismatch("前后两份账之间缺少证明。"); }
    var climbed = await climb(position, last, path[0], path.slice(1));
    if (!same(climbed.before, old.root) || !same(climbed.now, head.root)) {
      throw new Mismatch("旧账不是新账的前一段：以前见过的账被改写过。");
    }
  }

  /* --- notes ------------------------------------------------------------------------------------------- */

  async function readKey(vkey, type) {
    var parts = vkey.trim().split("+");
    if (parts.length < 3) { throw new Mismatch("公钥的格式不对，应是一行“名字+校验码+内容”。"); }
    var data = fromBase64(parts.slice(2).join("+"));
    if (data.length !== 33 || data[0] !== type) { throw new Unable("公钥不是这里会验的类型。"); }
    var hash = await sha256(join(utf8.encode(parts[0] + "\n"), data));
    if (toHex(hash.slice(0, 4)) !== parts[1]) { throw new Mismatch("公钥与它自带的校验码不符，可能抄错了。"); }
    return { name: parts[0], id: parts[1], bytes: data.slice(1) };
  }

  /* Text of a note, and what a key (name and id) put under it; null if it put nothing. */
  function readNote(note, key) {
    var at = note.lastIndexOf("\n\n"), found = null;
    if (at < 0) { throw new Mismatch("签名凭据的格式不对。"); }
    note.slice(at + 2).split("\n").forEach(function (line) {
      var match = /^— (\S+) (\S+)$/.exec(line);
      if (!match || match[1] !== key.name) { return; }
      var data = fromBase64(match[2]);
      if (toHex(data.slice(0, 4)) === key.id) { found = data.slice(4); }
    });
    return { body: note.slice(0, at + 1), signature: found };
  }

  function readHead(body) {
    var lines = body.split("\n");
    if (lines.length < 4 || !/^(0|[1-9][0-9]{0,14})$/.test(lines[1])) { throw new Mismatch("签名凭据的格式不对。"); }
    var root = fromBase64(lines[2]);
    if (root.length !== 32) { throw new Mismatch("签名凭据里的总指纹不对。"); }
    return { origin: lines[0], size: Number(lines[1]), root: root };
  }

  async function openCheckpoint(note, vkey, origin) {
    var key = await readKey(vkey, 1);
    var read = readNote(note, key);
    if (!read.signature) { throw new Mismatch("签名凭据上没有这把公钥的签名。"); }
    if (!(await ed25519(key.bytes, read.signature, utf8.encode(read.body)))) {
      throw new Mismatch("签名是假的，或者签名之后凭据被改过。");
    }
    var head = readHead(read.body);
    head.note = note;
    if (head.origin !== origin || key.name !== origin) { throw new Mismatch("这份签名凭据属于另一本账。"); }
    return head;
  }

  /* What a witness's line under a note says: how far, which root, when. Null if it signed nothing there. */
  async function openCosigned(note, witness) {
    var key = await readKey(witness.vkey, 4), read = readNote(note, key);
    if (!read.signature || read.signature.length !== 72) { return null; }
    var time = 0;
    read.signature.slice(0, 8).forEach(function (byte) { time = time * 256 + byte; });
    var message = utf8.encode("cosignature/v1\ntime " + time + "\n" + read.body);
    if (!(await ed25519(key.bytes, read.signature.slice(8), message))) {
      throw new Mismatch("见证人“" + witness.title + "”的签名是假的。");
    }
    var head = readHead(read.body);
    head.note = note;
    head.time = time;
    return head;
  }

  function readProof(text) {
    var at = text.indexOf("\n\n");
    var lines = text.slice(0, at).split("\n");
    if (at < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") { throw new Mismatch("入账证明的格式不对。"); }
    if (lines[0] && lines[0].indexOf("extra ") === 0) { lines.shift(); }
    var match = /^index (0|[1-9][0-9]{0,14})$/.exec(lines.shift() || "");
    if (!match) { throw new Mismatch("入账证明里缺少位置。"); }
    return { index: Number(match[1]), hashes: lines.map(fromBase64), note: text.slice(at + 2) };
  }

  /* --- one leaf: in the signed log, and the log continues what was kept --------------------------------- */

  function readHashes(text) { return text.split("\n").filter(Boolean).map(fromBase64); }

  async function checkLeaf(body, proof, vkey, origin) {
    var leaf = await leafHash(body), value;
    try { value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)); }
    catch (error) { throw new Mismatch("公开内容不是完整的记录。"); }
    var head = await openCheckpoint(proof.note, vkey, origin);
    if (value.seq !== proof.index) { throw new Mismatch("证明的是另一条记录。"); }
    await checkInclusion(leaf, proof.index, head, proof.hashes);
    return { head: head, leaf: leaf, value: value };
  }

  /* --- what this device has seen, by the name of the log ------------------------------------------------ */

  function recall(origin) {
    try {
      var kept = JSON.parse(localStorage.getItem("mingzhang:" + origin));
      return kept && { size: kept.size, root: fromBase64(kept.root), key: kept.key, note: kept.note || "", at: kept.at || "" };
    } catch (error) { return null; }
  }

  function remember(origin, head, vkey) {
    var kept = { size: head.size, root: toBase64(head.root), key: vkey, note: head.note, at: new Date().toISOString() };
    try {
      localStorage.setItem("mingzhang:" + origin, JSON.stringify(kept));
      return true;
    } catch (error) { return false; }
  }

  /* A checkpoint as it is on paper: "SIZE.ROOT" or "SIZE.ROOT.SIGNATURE" in base64url, a whole note (copied from a
     PDF it has lost its empty line and has been broken anew), or typed: number and root alone will do. */
  function readKept(text, origin) {
    var code = /(?:^|[#&]kept=)([0-9]{1,15})\.([A-Za-z0-9_-]{43})(?:\.([A-Za-z0-9_-]{91}))?\s*$/.exec(text.trim());
    if (code) { return kept(origin, code[1], code[2], code[3]); }
    var parts = text.trim().split(/(?:^|\s)[—–]\s*/), head = parts[0].trim().split(/\s+/);
    var name = /^[0-9][0-9,，]*$/.test(head[0]) ? origin : head.shift();
    var size = (head.shift() || "").replace(/[,，]/g, ""), root = head.join(""), signature = "";
    if (!/^[0-9]{1,15}$/.test(size) || !/^[A-Za-z0-9+/_-]{43}=?$/.test(root)) {
      throw new Unable("认不出这份凭据。请扫描纸上的二维码，或者填两行：第一行条数，第二行总指纹（44 个字符，最后是“=”，分大小写）。");
    }
    if (name !== origin) { throw new Unable("这是“" + name + "”的凭据，不是这本账的。"); }
    parts.slice(1).forEach(function (part) {
      var words = part.trim().split(/\s+/);
      if (words.shift() === origin) { signature = words.join(""); }
    });
    if (signature && !/^[A-Za-z0-9+/_-]{91}=?$/.test(signature)) {
      throw new Unable("签名那一行抄得不完整。可以只填条数和总指纹两行。");
    }
    return kept(origin, size, root, signature);
  }

  function kept(origin, size, code, signature) {
    var root = fromBase64(plain(code)), body = origin + "\n" + Number(size) + "\n" + toBase64(root) + "\n";
    var note = signature ? body + "\n— " + origin + " " + plain(signature) + "\n" : "";
    return { size: Number(size), root: root, note: note };
  }

  /* The newest that each witness signed, and that the log under `head` continues it: what a witness kept can't be
     rewritten by the operator. `between(old, new)` gives the proof's hashes. Sentences for the reader. */
  async function checkWitnesses(state, head, between) {
    if (!state || !Array.isArray(state.witnesses)) { return ["网站没有给出见证人的情况，这一项没有核对。"]; }
    var all = state.witnesses, good = [];
    if (!all.length) { return ["还没有登记见证人。"]; }
    for (var witness of all) {
      var seen = witness.note ? await openCosigned(witness.note, witness) : null;
      if (!seen) { continue; }
      if (seen.origin !== head.origin) { throw new Mismatch("见证人“" + witness.title + "”签的是另一本账。"); }
      try {
        if (seen.size <= head.size) { await checkConsistency(seen, head, await between(seen.size, head.size)); }
        else { await checkConsistency(head, seen, await between(head.size, seen.size)); } /* signed a moment ago */
      } catch (error) {
        if (error instanceof Unable && error.status === 404 && seen.size > head.size) {
          throw new Mismatch("见证人“" + witness.title + "”签到第 " + count(seen.size) + " 条，网站现在只拿得出 " + count(head.size) + " 条：账变少了。");
        }
        if (error instanceof Mismatch) { throw new Mismatch("现在的账与见证人“" + witness.title + "”签过的不同：旧账被改写过。"); }
        throw error;
      }
      good.push(witness.title + "（签到第 " + count(seen.size) + " 条，" + dayOf(seen.time * 1000) + "）");
    }
    if (!good.length) { return ["登记了 " + all.length + " 位见证人，还没有人签过名。"]; }
    return [good.length + " 位见证人签过名，签名是真的，现在的账与他们看到的一致：" + good.join("、") + "。"];
  }

  function count(number) { return String(number).replace(/\B(?=(\d{3})+$)/g, ","); }

  function dayOf(moment) {
    var day = new Date(moment);
    return day.getFullYear() + "年" + (day.getMonth() + 1) + "月" + day.getDate() + "日";
  }

  function plain(code) {
    var text = code.replace(/-/g, "+").replace(/_/g, "/");
    while (text.length % 4) { text += "="; }
    return text;
  }

  return {
    Mismatch: Mismatch,
    Unable: Unable,
    fromBase64: fromBase64,
    toBase64: toBase64,
    toHex: toHex,
    sha256: sha256,
    leafHash: leafHash,
    checkInclusion: checkInclusion,
    checkConsistency: checkConsistency,
    checkLeaf: checkLeaf,
    checkWitnesses: checkWitnesses,
    count: count,
    dayOf: dayOf,
    openCheckpoint: openCheckpoint,
    openCosigned: openCosigned,
    readHashes: readHashes,
    readKept: readKept,
    readProof: readProof,
    recall: recall,
    remember: remember
  };
})();
