// Two columns out of the code of four: which two, says the address (?left=pytorch&right=keras), or what was chosen before.
(() => {
  const {store, address} = window.workbook;
  const data = JSON.parse(document.getElementById("beside").textContent);
  const names = Object.keys(data.frameworks);
  const left = document.getElementById("left"), right = document.getElementById("right"), notes = document.getElementById("notes");
  const parts = [...document.querySelectorAll(".part")];
  const asked = new URLSearchParams(location.search);
  const known = name => names.includes(name) ? name : null;

  for (const select of [left, right]) for (const name of names) select.add(new Option(data.frameworks[name], name));
  left.value = known(asked.get("left")) || known(window.workbook.framework()) || "pytorch";
  right.value = known(asked.get("right")) || known(store.get("workbook-right")) || "tensorflow";
  if (left.value === right.value) right.value = names.find(name => name !== left.value);

  function element(tag, className, ...inside) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...inside);
    return made;
  }

  // The characters from..to of a line (without its indentation, which the page leaves out) in <mark>.
  function mark(line, spans, cut) {
    let at = cut;
    const texts = [];
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const end = at + text.length, whole = text.data, pieces = [];
      let from = 0;
      for (const [start, stop] of spans) {
        const a = Math.max(start, at) - at, b = Math.min(stop, end) - at;
        if (a >= b) continue;
        pieces.push(whole.slice(from, a), element("mark", "", whole.slice(a, b)));
        from = b;
      }
      if (pieces.length) text.replaceWith(...pieces.filter(piece => piece !== ""), whole.slice(from));
      at = end;
    }
  }

  function cell(part, framework, number, spans) {
    const td = element("td", framework);
    const line = number && part.querySelector(`[data-framework="${framework}"] [data-line="${number}"]`);
    if (!line) { td.classList.add("none"); return td; }
    const copy = line.cloneNode(true);
    if (spans) mark(copy, spans, +line.dataset.cut);
    const code = element("code", "", copy);
    // A long line goes on below its own beginning.
    code.style.setProperty("--indent", `${copy.textContent.length - copy.textContent.trimStart().length}ch`);
    td.append(code);
    return td;
  }

  function noteRow(note, a, b) {
    const of = name => `<b class="dot ${name}"></b>${data.frameworks[name]}: ${note.cells[name] || "-"}`;
    const td = element("td", "");
    td.colSpan = 3;
    td.innerHTML = `<strong>${note.topic}</strong> <span>${of(a)}</span> <span>${of(b)}</span>`;
    return element("tr", "note", td);
  }

  function table(part, a, b) {
    const key = part.dataset.part;
    const turned = !(`${a} ${b}` in data.pairs);
    const rows = data.pairs[turned ? `${b} ${a}` : `${a} ${b}`][key];
    const body = element("tbody"), shown = new Set();
    let same = 0;
    for (const row of rows) {
      const [l, r] = turned ? [row[1], row[0]] : row;
      const marks = row.length > 2 ? (turned ? [row[3], row[2]] : [row[2], row[3]]) : [null, null];
      const kind = l && r ? (row.length > 2 ? "differs" : "same") : "alone";
      const says = {same: "=", differs: "≠", alone: l ? "◂" : "▸"}[kind];
      const words = {same: "same", differs: "differs", alone: `only ${data.frameworks[l ? a : b]}`}[kind];
      same += kind === "same";
      const sign = element("td", "sign", element("span", "visible", says), element("span", "unseen", words));
      sign.firstChild.setAttribute("aria-hidden", "true");
      body.append(element("tr", kind, cell(part, a, l, marks[0]), sign, cell(part, b, r, marks[1])));
      for (const [i, note] of data.notes.entries()) {
        if (!shown.has(i) && ((l && note.lines[a] === l) || (r && note.lines[b] === r))) {
          shown.add(i);
          body.append(noteRow(note, a, b));
        }
      }
    }
    const head = element("tr", "", ...[a, null, b].map(name => {
      const th = element("th", name || "sign", name ? data.frameworks[name] : element("span", "unseen", "same or not"));
      th.scope = "col";
      return th;
    }));
    const made = element("table", "beside highlight", element("thead", "", head), body);
    made.setAttribute("aria-label", `${data.frameworks[a]} and ${data.frameworks[b]}`);
    return [made, same, rows.length];
  }

  function draw() {
    let same = 0, all = 0;
    for (const part of parts) {
      part.querySelector(":scope > table")?.remove();
      const [made, equal, rows] = table(part, left.value, right.value);
      part.append(made);
      part.classList.add("two");
      same += equal;
      all += rows;
    }
    document.getElementById("said").textContent = `${same} of ${all} rows are the same.`;
    document.body.classList.toggle("without-notes", !notes.checked);
  }

  function chosen(changed, other) {
    if (left.value === right.value) other.value = names.find(name => name !== changed.value);
    store.set("workbook-right", right.value);
    address({left: left.value, right: right.value, framework: ""});
    draw();
  }
  left.addEventListener("change", () => chosen(left, right));
  right.addEventListener("change", () => chosen(right, left));
  notes.addEventListener("change", draw);
  document.getElementById("swap").addEventListener("click", () => {
    [left.value, right.value] = [right.value, left.value];
    chosen(left, right);
  });
  document.querySelector(".choose").hidden = false;
  draw();
  // The columns are lower than the code was: go where the address points to again.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
})();
