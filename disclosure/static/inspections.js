/* Inspections where there is no network: what was seen is kept in this browser with its pictures, and sent when the
   network is back. The form's own random value ("once") goes with it, so that the site registers it once however
   often it arrives. What the site refuses stays here too, with its words, until the person puts it right and sends it
   again, or throws it away. Without this script, or without IndexedDB, the form is sent like any other. */
(function () {
  "use strict";

  var box = document.querySelector("[data-inspections]");
  var form = document.querySelector("[data-inspection]");
  if (!box || !window.indexedDB || !window.fetch || !window.FormData) { return; }
  var person = box.dataset.inspections;
  var NAME = "mingzhang-inspections", STORE = "waiting";
  var WIDEST = 1600, AGAIN = 30000, TOO_LONG = 60000;
  var LATER = [401, 408, 425, 429], LOG_IN = "请先登录，再打开这一页，就会发送。";
  var REFUSED = { 403: "这个账号没有权限", 404: "没有找到要填的页面", 413: "照片太多或太大" };
  var TO_DO = { 403: "请联系管理账号的人，有了权限再发一次", 413: "请去掉几张照片再提交" };
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
      one.textContent = item.title + "（" + item.held_on + "）" + (item.refused ? stated(item) + item.refused : "") + " ";
      if (item.refused) {
        one.append(button("打开改正", function () { open(item); }), " ", button("再发一次", function () { again(item); }), " ",
          button("从手机里删掉", function () { drop(item); }));
      }
      box.appendChild(one);
    });
    if (items && items.some(function (item) { return !item.refused; })) { box.appendChild(button("现在发送", flush)); }
  }

  function button(text, press) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "plain-button small";
    made.textContent = text;
    made.addEventListener("click", press);
    return made;
  }

  async function drop(item) {
    if (!window.confirm("删掉以后不能恢复，要删掉“" + item.title + "”这次检查吗？")) { return; }
    await forget(item.once);
    await show("");
  }

  async function again(item) {
    item.refused = "";
    item.again = true;
    await keep(item);
    await flush();
  }

  /* Nothing else on the page would change when it is refused once more. */
  function stated(item) {
    return item.again_at ? "又没有收下（" + item.again_at + "）：" : "没有收下：";
  }

  function refused(item, words) {
    item.refused = words;
    item.again_at = item.again ? new Date().toTimeString().slice(0, 5) : "";
  }

  async function show(text) {
    var items = await waiting();
    var refused = items.filter(function (item) { return item.refused; }).length, rest = items.length - refused;
    if (rest) { text += " 这部手机里还有 " + rest + " 次检查没有发出。有网络时会自动发送；发出以前请不要清除浏览器的数据。"; }
    if (refused) { text += " 有 " + refused + " 次检查网站没有收下，还存在这部手机里，请改正后再提交，或者删掉。"; }
    say(text.trim(), items);
  }

  function value(item, name) {
    var found = item.fields.find(function (field) { return field[0] === name; });
    return found ? found[1] : "";
  }

  /* What was refused, in the form of its own version of the checklist: here if this is it, else on its page. */
  function open(item) {
    var names = ["checklist", "version"];
    if (form && names.every(function (name) { return form.elements[name].value === value(item, name); })) { fill(item); return; }
    location.assign(item.action + "?checklist=" + value(item, "checklist") + "&version=" + value(item, "version") + "#" + item.once);
  }

  function empty() {
    form.reset();
    form.querySelectorAll("input[type=file] + button").forEach(function (one) { one.remove(); });
  }

  function fill(item) {
    var lost = "";
    empty();
    item.fields.forEach(function (field) { if (form.elements[field[0]]) { form.elements[field[0]].value = field[1]; } });
    form.elements.once.value = item.once;
    item.files.forEach(function (file) {
      var input = form.elements[file[0]], held;
      try {
        held = new DataTransfer();
        held.items.add(new File([file[1]], file[2], { type: file[1].type }));
        input.files = held.files;
        input.after(button("去掉这张照片", function () { input.value = ""; this.remove(); }));
      } catch (error) { lost = "照片要重新选。"; }
    });
    say("下面是没有收下的那一次：" + item.refused + "。请改好后再提交。" + lost);
    box.scrollIntoView();
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
    if (page.status === 403) { return { refused: reason(fresh, 403) }; }
    if (!page.ok || !who) { return { later: page.ok ? LOG_IN : busy(page.status) }; }
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
    if (answer.ok) { return { later: LOG_IN }; }
    if (answer.status >= 500 || LATER.indexOf(answer.status) >= 0) { return { later: busy(answer.status) }; }
    return { refused: reason(said, answer.status) };
  }

  function busy(status) { return "网站现在收不下（" + status + "），过一会儿会再发。"; }
  /* "日期：日期应在……" names the field once. */
  function once(line) {
    var end = line.indexOf("：");
    return end > 0 && line.indexOf(line.slice(0, end), end + 1) === end + 1 ? line.slice(end + 1) : line;
  }

  /* The site's own words, and what to do about them. */
  function reason(said, status) {
    var problems = Array.from(said.querySelectorAll(".notice.bad li"), function (line) { return once(line.textContent.trim()); });
    var words = problems.join("；") || REFUSED[status] || "内容不完整或读不懂";
    return words.replace(/。$/, "") + (TO_DO[status] ? "。" + TO_DO[status] : "");
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
        if (outcome.refused) { refused(items[no], outcome.refused); await keep(items[no]); }
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
      if (outcome.refused) {
        item.refused = outcome.refused;
        await keep(item);
        say("没有收下：" + outcome.refused + "。填的都在，请改好后再提交；也已存在这部手机里。");
        box.scrollIntoView();
        return;
      }
      empty();
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

  /* A form may lie open overnight: the last day that can be chosen is today in China, by the site or by the phone. */
  function upToToday() {
    var day = form.elements.held_on, today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
    day.max = today > day.dataset.today ? today : day.dataset.today;
  }

  async function wanted() {
    var item = (await waiting()).find(function (one) { return "#" + one.once === location.hash; });
    if (item) { history.replaceState(null, "", location.pathname + location.search); fill(item); }
    return item;
  }

  opened.then(async function () {
    told();
    if (form) {
      form.addEventListener("submit", submitted);
      upToToday();
      form.addEventListener("focusin", upToToday);
      form.addEventListener("click", upToToday);
    }
    window.addEventListener("online", flush);
    setInterval(flush, AGAIN);
    if (!(form && await wanted())) { await flush(); }
  }).catch(function () { /* no place to keep anything: the form is sent as it is */ });
})();
