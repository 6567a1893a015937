// Draw over what others must not see. The boxes, in 1/10000 of the page, go to the server, which paints
// them into a new picture; nothing drawn here hides anything by itself.
(() => {
  "use strict";
  const form = document.querySelector("[data-redact]");
  if (!form) return;
  const WHOLE = 10000;
  const LEAST = 30;
  const MOST = 200;
  const boxes = [];
  let drawing = true; // off: a finger scrolls the page instead
  const canvases = [];
  const bar = form.querySelector("[data-redact-bar]");
  const count = form.querySelector("[data-redact-count]");
  const submit = form.querySelector("[data-redact-submit]");

  const changed = () => {
    form.elements.boxes.value = boxes.map((box) => box.join(",")).join(";");
    count.textContent = boxes.length ? `已遮盖 ${boxes.length} 处` : "还没有遮盖";
    for (const draw of canvases) draw();
  };

  const rectangle = (page, from, to) => {
    const left = Math.min(from[0], to[0]);
    const top = Math.min(from[1], to[1]);
    return [page, left, top, Math.max(from[0], to[0]) - left, Math.max(from[1], to[1]) - top];
  };

  const prepare = (image) => {
    const page = Number(image.dataset.redactPage);
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.className = "redact-canvas";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${image.alt}，按住拖动遮盖`);
    image.replaceWith(canvas);
    const pen = canvas.getContext("2d");
    let from = null;
    let to = null;

    const paint = (box, style) => {
      pen.fillStyle = style;
      pen.fillRect(
        (box[1] * canvas.width) / WHOLE,
        (box[2] * canvas.height) / WHOLE,
        (box[3] * canvas.width) / WHOLE,
        (box[4] * canvas.height) / WHOLE,
      );
    };
    const draw = () => {
      pen.drawImage(image, 0, 0);
      for (const box of boxes) if (box[0] === page) paint(box, "#000");
      if (from && to) paint(rectangle(page, from, to), "rgba(0, 0, 0, 0.6)");
    };
    const place = (event) => {
      const frame = canvas.getBoundingClientRect();
      const within = (value, size) => Math.round(Math.min(Math.max(value / size, 0), 1) * WHOLE);
      return [within(event.clientX - frame.left, frame.width), within(event.clientY - frame.top, frame.height)];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (!drawing) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      from = place(event);
      to = from;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      to = place(event);
      draw();
    });
    const finish = () => {
      if (from && to) {
        const box = rectangle(page, from, to);
        if (box[3] >= LEAST && box[4] >= LEAST && boxes.length < MOST) boxes.push(box);
      }
      from = null;
      to = null;
      changed();
    };
    canvas.addEventListener("pointerup", finish);
    canvas.addEventListener("pointercancel", () => {
      from = null;
      to = null;
      draw();
    });
    canvases.push(draw);
    draw();
  };

  form.classList.add("drawing");
  const mode = form.querySelector("[data-redact-mode]");
  mode.addEventListener("click", () => {
    drawing = !drawing;
    form.classList.toggle("drawing", drawing);
    mode.setAttribute("aria-pressed", String(drawing));
    mode.textContent = drawing ? "改为翻看" : "继续遮盖";
  });
  form.querySelector("[data-redact-undo]").addEventListener("click", () => {
    boxes.pop();
    changed();
  });
  const images = [...form.querySelectorAll("img[data-redact-page]")];
  Promise.all(images.map((image) => image.decode())).then(() => {
    for (const image of images) prepare(image);
    form.elements.looked.value = "1";
    bar.hidden = false;
    submit.disabled = false;
  }).catch(() => {
    bar.hidden = false;
    count.textContent = "图片没有打开，请刷新页面再试";
  });
})();
