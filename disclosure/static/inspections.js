/* Inspections where there is no network: what was seen is kept in this browser with its pictures, and sent when the
   network is back. The form's own random value ("once") goes with it, so that the site registers it once however
   often it arrives. Without this script, or without IndexedDB, the form is sent like any other. */
(function () {
  "use strict";

  var box = document.querySelector("[data-inspections]");
  var form = document.querySelector("[data-inspection]");
  if (!box || !window.indexedDB || !window.fetch || !window.FormData) { return; }
  var person = box.dataset.inspections;
  var NAME = "mingzhang-inspections", STORE = "waiting";
  var WIDEST = 1600, AGAIN = 30000, TOO_LONG = 60000;
  var sending = false;

  function asked(request) {
    return new Promise(function (resolve, reject) {
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = function () { reject(request.error); };
    });
  }

  var opened = new Promise(function (resolve, reject) {
    var request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = function () { request.result.createObjectStore(STORE, { keyPath: "once" }); };
    request.onsuccess = function () { resolve(request.result); };
    request.onerror = function () { reject(request.error); };
  });

  async function store(mode) {
    return (await opened).transaction(STORE, mode).objectStore(STORE);
  }

  async function waiting() {
    var all = await asked((await store("readonly")).getAll());
    return all.filter(function (item) { return item.person === person; });
  }

  async function keep(item) {
    var made = (await opened).transaction(STORE, "readwrite");
    made.objectStore(STORE).put(item);
    await new Promise(function (resolve, reject) {
      made.oncomplete = resolve;
      made.onerror = made.onabort = function () { reject(made.error); };
    });
  }

  async function forget(once) { await asked((await store("readwrite")).delete(once)); }

  function say(text, items) {
    box.hidden = !text;
    box.textContent = "";
    if (!text) { return; }
    var line = document.createElement("p");
    line.textContent = text;
    box.appendChild(line);
    (items || []).forEach(function (item) {
      var one = document.createElement("p");
      one.className = "fine";
      one.textContent = item.title + "（" + item.held_on + "）" + (item.refused ? "没有收下：" + item.refused : "") + " ";
      if (item.refused) { one.appendChild(dropButton(item)); }
      box.appendChild(one);
    });
    if (items && items.some(function (item) { return !item.refused; })) { box.appendChild(sendButton()); }
  }

  function sendButton() {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "plain-button small";
    button.textContent = "现在发送";
    button.addEventListener("click", flush);
    return button;
  }

  function dropButton(item) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "plain-button small";
    button.textContent = "从手机里删掉";
    button.addEventListener("click", async function () {
      if (!window.confirm("删掉以后不能恢复，要删掉“" + item.title + "”这次检查吗？")) { return; }
      await forget(item.once);
      await show("");
    });
    return button;
  }

  async function show(text) {
    var items = await waiting();
    if (!items.length) { say(text); return; }
    say((text ? text + " " : "") + "这部手机里还有 " + items.length + " 次检查没有发出。有网络时会自动发送；发出以前请不要清除浏览器的数据。", items);
  }

  /* A picture as large as is needed to see what is wrong; as it is if this browser can't make it smaller. */
  async function smaller(file) {
    try {
      var image = await createImageBitmap(file, { imageOrientation: "from-image" });
      var scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
      if (scale === 1) { return file; }
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      var made = await new Promise(function (resolve) { canvas.toBlob(resolve, "image/jpeg", 0.85); });
      return made || file;
    } catch (error) { return file; }
  }

  async function taken() {
    var item = { once: "", person: person, page: box.dataset.page, action: form.getAttribute("action"),
      title: form.dataset.inspection, held_on: "", fields: [], files: [], refused: "" };
    var fields = Array.from(new FormData(form).entries());
    for (var no = 0; no < fields.length; no += 1) {
      var name = fields[no][0], value = fields[no][1];
      if (typeof value === "string") {
        if (name === "once") { item.once = value; }
        else if (name !== "csrf") { item.fields.push([name, value]); }
        if (name === "held_on") { item.held_on = value; }
      } else if (value.size) {
        item.files.push([name, await smaller(value), value.name || "photo.jpg"]);
      }
    }
    return item;
  }

  /* Every form needs a value of its own; this page may be filled in again before it is loaded anew. */
  function renew() {
    var bytes = crypto.getRandomValues(new Uint8Array(12));
    form.elements.once.value = Array.from(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }

  function within(promise) {
    return Promise.race([promise, new Promise(function (_, reject) { setTimeout(function () { reject(new Error("late")); }, TOO_LONG); })]);
  }

  /* Sends one: where it led, or why not. Throws if the network is not there. */
  async function send(item) {
    var page = await within(fetch(item.page, { credentials: "same-origin", cache: "no-store" }));
    var fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    var who = fresh.querySelector("[data-inspections]");
    if (!page.ok || !who) { return { later: "请先登录，再打开这一页，就会发送。" }; }
    if (who.dataset.inspections !== item.person) { return { later: "这次检查是用另一个账号填的，请用那个账号登录后发送。" }; }
    var data = new FormData();
    data.append("csrf", who.dataset.csrf);
    data.append("once", item.once);
    item.fields.forEach(function (field) { data.append(field[0], field[1]); });
    item.files.forEach(function (file) { data.append(file[0], file[1], file[2]); });
    var answer = await within(fetch(item.action, { method: "POST", body: data, credentials: "same-origin" }));
    var said = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (/\/inspections\/\d+$/.test(new URL(answer.url).pathname)) {
      var notice = said.querySelector("main .notice.good");
      return { done: answer.url, notice: notice ? notice.textContent.trim() : "已登记" };
    }
    var problems = Array.from(said.querySelectorAll(".notice.bad li"), function (line) { return line.textContent.trim(); });
    if (answer.status === 422) { return { refused: problems.join("；") || "内容不完整" }; }
    return { later: "网站现在收不下（" + answer.status + "），过一会儿会再发。" };
  }

  /* Sends what waits, one after the other; the last address it led to. */
  async function flush() {
    if (sending) { return; }
    sending = true;
    var told = "", sent = 0;
    try {
      var items = await waiting();
      for (var no = 0; no < items.length; no += 1) {
        if (items[no].refused) { continue; }
        var outcome = await send(items[no]);
        if (outcome.done) { await forget(items[no].once); sent += 1; }
        if (outcome.refused) { items[no].refused = outcome.refused; await keep(items[no]); }
        if (outcome.later) { told = outcome.later; }
      }
    } catch (error) { told = "现在没有网络。"; } finally { sending = false; }
    if (sent) { told = "已发送 " + sent + " 次检查。" + told; }
    if (told || (await waiting()).length) { await show(told); }
  }

  function lacking() {
    return Array.from(form.querySelectorAll('input[type="radio"][value="no"]:checked')).find(function (input) {
      return !form.elements[input.name.replace("ok_", "words_")].value.trim();
    });
  }

  async function submitted(event) {
    event.preventDefault();
    var bare = lacking();
    if (bare) {
      say("不合格的要写一句哪里不对。");
      form.elements[bare.name.replace("ok_", "words_")].focus();
      return;
    }
    var button = form.querySelector("button[type=submit]");
    button.disabled = true;
    say("正在保存……");
    try {
      var item = await taken();
      try { await keep(item); } catch (error) { form.submit(); return; }
      var outcome;
      try { outcome = await send(item); } catch (error) { outcome = { later: "现在没有网络。" }; }
      if (outcome.done) {
        await forget(item.once);
        try { sessionStorage.setItem(NAME, outcome.notice); } catch (error) { /* then nothing is said */ }
        location.assign(outcome.done);
        return;
      }
      if (outcome.refused) { await forget(item.once); await show("没有收下：" + outcome.refused + "。请改好后再提交。"); return; }
      form.reset();
      renew();
      await show(outcome.later + " 已存在这部手机里。");
      box.scrollIntoView();
    } finally { button.disabled = false; }
  }

  /* What the site said of a form that was sent from the page before. */
  function told() {
    try {
      var notice = sessionStorage.getItem(NAME);
      sessionStorage.removeItem(NAME);
      if (notice && !form) { say(notice); }
    } catch (error) { /* nothing was kept */ }
  }

  opened.then(function () {
    told();
    if (form) { form.addEventListener("submit", submitted); }
    window.addEventListener("online", flush);
    setInterval(flush, AGAIN);
    return flush();
  }).catch(function () { /* no place to keep anything: the form is sent as it is */ });
})();
