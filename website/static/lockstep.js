// The stored curves of a task, and what is between them. ?task=vae&loss=kl says which.
(async () => {
  const {address} = window.workbook;
  const task = document.getElementById("task"), loss = document.getElementById("loss"), from = document.getElementById("from");
  const said = document.getElementById("shown"), asked = new URLSearchParams(location.search);
  const has = (select, value) => [...select.options].some(option => option.value === value);
  const titles = {pytorch: "PyTorch", tensorflow: "TensorFlow", keras: "Keras", chainer: "Chainer"};
  const FLOOR = 1e-3;         // as harness/lockstep/difference.py has it
  let charts = null, stored = null;

  // A number so many float64 numbers further away from zero: what is stored of the other frameworks.
  function away(value, places) {
    const numbers = new Float64Array([Math.abs(value)]);
    new BigInt64Array(numbers.buffer)[0] += BigInt(places);
    return value < 0 ? -numbers[0] : numbers[0];
  }

  function curves() {
    const of = stored.curves[loss.value];
    const found = {[stored.first]: of.values};
    for (const [name, places] of Object.entries(of.away)) found[name] = of.values.map((value, i) => away(value, places[i]));
    return found;
  }

  function median(values) {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
    return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
  }

  function differences(a, b) {
    const floor = FLOOR * median([...a, ...b].map(Math.abs));
    return a.map((value, i) => value === b[i] ? null : Math.abs(value - b[i]) / Math.max(Math.abs(value), Math.abs(b[i]), floor));
  }

  function draw() {
    const found = curves(), widths = [9, 6, 3.5, 1.5];
    const names = Object.keys(found);
    charts?.end();
    charts = workbook.charts(
      {box: document.getElementById("curve"), series: names.map((name, i) => ({name, title: titles[name], values: found[name], width: widths[i]}))},
      {box: document.getElementById("difference"), log: true, series: names.filter(name => name !== from.value)
        .map(name => ({name, title: titles[name], values: differences(found[name], found[from.value]), width: 1.5}))},
      stored.steps, text => { said.textContent = text; });
    document.getElementById("curve-said").textContent = `${task.selectedOptions[0].text}: ${loss.value} at each step`;
    document.getElementById("difference-said").textContent = `Differences from ${titles[from.value]}, relative, on a logarithmic axis`;
    workbook.lockstep = {curves: found, charts};
  }

  async function load() {
    const answer = await fetch(`_static/curves/${task.value}.json`);
    if (!answer.ok) { said.textContent = `The curves of ${task.value} could not be loaded.`; return; }
    stored = await answer.json();
    const before = loss.value || asked.get("loss");
    loss.replaceChildren(...Object.keys(stored.curves).map(name => new Option(name)));
    if (has(loss, before)) loss.value = before;
    draw();
  }

  for (const [name, title] of Object.entries(titles)) from.add(new Option(title, name));
  if (has(task, asked.get("task"))) task.value = asked.get("task");
  task.addEventListener("change", async () => { address({task: task.value, loss: ""}); await load(); });
  loss.addEventListener("change", () => { address({task: task.value, loss: loss.value}); draw(); });
  from.addEventListener("change", draw);
  document.getElementById("zoom").addEventListener("click", event => {
    ({in: () => charts.zoom(0.5), out: () => charts.zoom(2), left: () => charts.move(-0.5), right: () => charts.move(0.5),
      all: () => charts.all()})[event.target.dataset.do]?.();
  });
  await load();
  document.getElementById("choose").hidden = document.getElementById("zoom").hidden = false;
})();
