/* Reads and checks a public log in the reader's own browser. Formats: RFC 6962 tree, C2SP signed-note,
   tlog-checkpoint and tlog-proof. No dependencies; verify.js uses it. */
window.mingzhangLog = (function () {
  "use strict";

  var utf8 = new TextEncoder();

  /* What was checked is wrong; what could not be checked, and why. */
  function Mismatch(message, details) { this.message = message; this.details = details || []; }
  function Unable(message) { this.message = message; }

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

  async function sha256(bytes) { return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)); }
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
    if (index >= head.size) { throw new Mismatch("签名凭据只有 " + head.size + " 笔，不含这一笔。"); }
    var climbed = await climb(index, head.size - 1, leaf, proof);
    if (!same(climbed.now, head.root)) { throw new Mismatch("这一笔的内容不在签过名的账里，或者被改过。"); }
  }

  async function checkConsistency(old, head, proof) {
    if (old.size > head.size) {
      throw new Mismatch("这台设备见过 " + old.size + " 笔的账，现在只有 " + head.size + " 笔，账变少了。");
    }
    if (old.size === head.size) {
      if (!same(old.root, head.root)) { throw new Mismatch("笔数相同，但总指纹与这台设备上次记下的不同：旧账被改写过。"); }
      return;
    }
    var complete = old.size, last = head.size - 1; /* climb to the last complete subtree of the old tree */
    for (; !isOdd(complete); complete = half(complete)) { last = half(last); }
    var position = complete - 1;
    var path = position === 0 ? [old.root].concat(proof) : proof;
    if (!path.length) { throw new Mismatch("前后两份账之间缺少证明。"); }
    var climbed = await climb(position, last, path[0], path.slice(1));
    if (!same(climbed.before, old.root) || !same(climbed.now, head.root)) {
      throw new Mismatch("旧账不是新账的前一段：这台设备上次见过的账被改写过。");
    }
  }

  /* --- notes ------------------------------------------------------------------------------------------- */

  function readKey(vkey) {
    var parts = vkey.trim().split("+");
    var data = fromBase64(parts.slice(2).join("+"));
    if (data.length !== 33 || data[0] !== 1) { throw new Unable("公钥不是 Ed25519 类型。"); }
    return { name: parts[0], id: parts[1], bytes: data.slice(1) };
  }

  function readHead(body) {
    var lines = body.split("\n");
    if (lines.length < 4 || !/^(0|[1-9][0-9]{0,14})$/.test(lines[1])) { throw new Mismatch("签名凭据的格式不对。"); }
    var root = fromBase64(lines[2]);
    if (root.length !== 32) { throw new Mismatch("签名凭据里的总指纹不对。"); }
    return { origin: lines[0], size: Number(lines[1]), root: root };
  }

  async function openCheckpoint(note, vkey, origin) {
    var key = readKey(vkey);
    var keyHash = await sha256(join(utf8.encode(key.name + "\n"), new Uint8Array([1]), key.bytes));
    if (toHex(keyHash.slice(0, 4)) !== key.id) { throw new Mismatch("公钥与它自带的校验码不符。"); }
    var at = note.lastIndexOf("\n\n");
    if (at < 0) { throw new Mismatch("签名凭据的格式不对。"); }
    var body = note.slice(0, at + 1);
    var signature = null;
    note.slice(at + 2).split("\n").forEach(function (line) {
      var match = /^— (\S+) (\S+)$/.exec(line);
      if (!match || match[1] !== key.name) { return; }
      var data = fromBase64(match[2]);
      if (toHex(data.slice(0, 4)) === key.id) { signature = data.slice(4); }
    });
    if (!signature) { throw new Mismatch("签名凭据上没有这把公钥的签名。"); }
    var imported;
    try {
      imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      throw new Unable("您的浏览器版本较旧，不会验证 Ed25519 签名。请升级浏览器，或换一个新的浏览器再试。");
    }
    if (!(await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, utf8.encode(body)))) {
      throw new Mismatch("签名是假的，或者签名之后凭据被改过。");
    }
    var head = readHead(body);
    if (head.origin !== origin || key.name !== origin) { throw new Mismatch("这份签名凭据属于另一本账。"); }
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

  return {
    Mismatch: Mismatch,
    Unable: Unable,
    fromBase64: fromBase64,
    toBase64: toBase64,
    toHex: toHex,
    leafHash: leafHash,
    checkInclusion: checkInclusion,
    checkConsistency: checkConsistency,
    openCheckpoint: openCheckpoint,
    readProof: readProof
  };
})();
