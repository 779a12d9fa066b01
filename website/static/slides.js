// One part in four frameworks, as large as the screen: arrows, Page keys or the space bar go on, Escape ends. ?slide=losses opens one.
(() => {
  const {address} = window.workbook;
  const parts = [...document.querySelectorAll(".part")];
  const heading = part => part.closest("section").querySelector("h2").firstChild.textContent;
  const dialog = document.createElement("dialog");
  dialog.className = "slides";
  dialog.innerHTML = `<header><h2 id="slide-title" aria-live="polite"></h2><span id="slide-number"></span>
    <button type="button" data-go="-1" aria-label="Part before">◀</button><button type="button" data-go="1" aria-label="Next part">▶</button>
    <button type="button" data-go="0">Close</button></header><div class="four" tabindex="0" role="group" aria-label="Code in four frameworks"></div>`;
  dialog.setAttribute("aria-labelledby", "slide-title");
  document.body.append(dialog);
  const four = dialog.querySelector(".four");
  const LEAST = 13;             // smaller letters nobody reads: what is longer than the screen is scrolled
  const LETTERS = 56;           // a column is at least so wide; longer lines go on below
  let at = 0;

  function fit() {        // the largest letters with which all code is seen, between what a hall and what a telephone can show
    const column = four.firstElementChild.clientWidth;
    let low = LEAST, high = Math.max(column / LETTERS / 0.6, LEAST);
    const fits = size => {
      four.style.fontSize = `${size}px`;
      return four.scrollHeight <= four.clientHeight + 1;
    };
    while (high - low > 0.5) { const middle = (low + high) / 2; fits(middle) ? low = middle : high = middle; }
    four.style.fontSize = `${low}px`;
  }

  function show(index) {
    at = (index + parts.length) % parts.length;
    dialog.querySelector("#slide-title").textContent = heading(parts[at]);
    dialog.querySelector("#slide-number").textContent = `${at + 1} of ${parts.length}`;
    const columns = [...parts[at].querySelectorAll(":scope > .of")].map(column => column.cloneNode(true));
    for (const line of columns.flatMap(column => [...column.querySelectorAll("[data-line]")])) {
      const text = line.textContent;
      line.style.setProperty("--indent", `${text.length - text.trimStart().length}ch`);
      if (line.nextSibling?.data === "\n") line.nextSibling.remove();      // each line is a block
    }
    four.replaceChildren(...columns);
    if (!dialog.open) dialog.showModal();
    address({slide: parts[at].dataset.part});
    fit();
    four.scrollTop = 0;
    four.focus({preventScroll: true});
  }

  document.getElementById("slides").addEventListener("click", () => {
    const first = parts.findIndex(part => part.getBoundingClientRect().bottom > 80);
    show(Math.max(first, 0));
  });
  dialog.addEventListener("click", event => {
    const go = event.target.closest("[data-go]")?.dataset.go;
    if (go) +go ? show(at + +go) : dialog.close();
  });
  dialog.addEventListener("keydown", event => {
    if (event.key === "Escape") dialog.close();     // Sphinx's own script takes it from the browser
    const onButton = event.target.closest("button") && event.key === " ";
    const step = {ArrowRight: 1, PageDown: 1, " ": onButton ? 0 : 1, ArrowLeft: -1, PageUp: -1}[event.key];
    if (step) { event.preventDefault(); show(at + step); }
  });
  dialog.addEventListener("close", () => {
    address({slide: ""});
    parts[at].closest("section").scrollIntoView();
  });
  addEventListener("resize", () => { if (dialog.open) fit(); });
  const asked = new URLSearchParams(location.search).get("slide");
  const found = parts.findIndex(part => part.dataset.part === asked);
  if (found >= 0) show(found);
})();
