// Two charts over the same steps, drawn by uPlot. Zoom and move: mouse (drag, wheel with Ctrl), touch (pinch, drag), keyboard.
(() => {
  const style = name => getComputedStyle(document.body).getPropertyValue(name).trim();

  // above, below: {box, series: [{name, title, values, width}], log}; steps: how many; say(text): what a screen reader should hear.
  window.workbook.charts = (above, below, steps, say) => {
    const x = Array.from({length: steps}, (_, i) => i + 1);
    let from = 1, to = steps, at = 1, quiet = false;

    function build(of) {
      of.box.replaceChildren();
      const ink = style("--color-foreground-secondary"), grid = {stroke: style("--color-background-border"), width: 1};
      const axis = {stroke: ink, grid, ticks: grid, font: "12px system-ui"};
      const decade = tick => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-6 && Math.round(Math.log10(tick)) % 2 === 0;
      const shown = (u, ticks) => of.log ? ticks.map(tick => decade(tick) ? tick : null) : ticks;
      const number = value => value === 0 ? "0" : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 ? +value.toPrecision(5) + "" : value.toExponential(1);
      return new uPlot({
        width: Math.max(of.box.clientWidth, 240), height: of.box.clientWidth < 500 ? 240 : 320,
        scales: {x: {time: false}, y: of.log ? {distr: 3, range: [1e-17, 1e-8]} : {}},
        axes: [{...axis, values: (u, ticks) => ticks.map(tick => Number.isInteger(tick) ? tick : "")},
               {...axis, size: 72, grid: {...grid, filter: shown}, ticks: {...grid, filter: shown}, values: (u, ticks) => ticks.map(tick => tick === null ? "" : number(tick))}],
        cursor: {drag: {x: true, y: false, dist: 6}, points: {size: 7}},
        legend: {live: true},
        series: [{label: "step"}, ...of.series.map(s => ({
          label: s.title, stroke: style(`--of-${s.name}`), width: s.width, spanGaps: of.log,
          points: {show: of.log, size: 4, fill: style(`--of-${s.name}`)},
          value: (u, value) => value === null || value === undefined ? "-" : of.log ? value.toExponential(2) : String(value),
        }))],
        hooks: {setScale: [(u, key) => { if (key === "x" && !quiet) show(u.scales.x.min, u.scales.x.max); }]},
      }, [x, ...of.series.map(s => s.values)], of.box);
    }

    let plots = [];
    function show(a, b, speak = true) {
      const length = Math.min(Math.max(b - a, 4), steps - 1);
      a = Math.min(Math.max(a, 1), steps - length);
      [from, to] = [a, a + length];
      quiet = true;
      for (const plot of plots) plot.setScale("x", {min: from, max: to});
      setTimeout(() => { quiet = false; });
      if (speak) say(`Steps ${Math.round(from)} to ${Math.round(to)}`);
    }
    const zoom = (factor, middle = (from + to) / 2) => show(middle - (middle - from) * factor, middle + (to - middle) * factor);
    const move = share => show(from + (to - from) * share, to + (to - from) * share);

    function read(step, plot, of) {
      at = Math.min(Math.max(step, 1), steps);
      if (at < from || at > to) show(at - (to - from) / 2, at + (to - from) / 2, false);
      plot.setCursor({left: plot.valToPos(at, "x"), top: 10});
      say(`Step ${at}: ` + of.series.map(s => `${s.title} ${s.values[at - 1] === null ? "equal" : s.values[at - 1].toPrecision(of.log ? 2 : 8)}`).join(", "));
    }

    function keys(box, index, of) {
      box.onkeydown = event => {
        const act = {"+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "0": () => show(1, steps),
                     ArrowRight: () => read(at + (event.shiftKey ? 10 : 1), plots[index], of),
                     ArrowLeft: () => read(at - (event.shiftKey ? 10 : 1), plots[index], of)}[event.key];
        if (act && !event.ctrlKey && !event.metaKey) { event.preventDefault(); act(); }
      };
    }

    function touch(plot) {
      const fingers = new Map();
      const over = plot.over;
      const place = event => event.clientX - over.getBoundingClientRect().left;
      over.style.touchAction = "pan-y";
      over.addEventListener("pointerdown", event => { if (event.pointerType === "touch") fingers.set(event.pointerId, place(event)); });
      over.addEventListener("pointermove", event => {
        if (!fingers.has(event.pointerId)) return;
        const before = [...fingers.values()];
        fingers.set(event.pointerId, place(event));
        const now = [...fingers.values()], width = over.clientWidth, value = at => from + (to - from) * at / width;
        if (before.length === 1) move((before[0] - now[0]) / width);
        else {
          const gap = list => Math.max(Math.abs(list[0] - list[1]), 12);
          zoom(gap(before) / gap(now), value((now[0] + now[1]) / 2));
        }
      });
      for (const end of ["pointerup", "pointercancel", "pointerleave"]) over.addEventListener(end, event => fingers.delete(event.pointerId));
      over.addEventListener("wheel", event => {
        if (!event.ctrlKey) return;         // without Ctrl the page scrolls
        event.preventDefault();
        zoom(event.deltaY < 0 ? 0.8 : 1.25, plot.posToVal(place(event), "x"));
      }, {passive: false});
    }

    function draw() {
      plots.forEach(plot => plot.destroy());
      plots = [above, below].map(build);
      [above, below].forEach((of, i) => { keys(of.box, i, of); touch(plots[i]); });
      show(from, to, false);
    }
    draw();
    const sized = new ResizeObserver(() => plots.forEach((plot, i) => {
      const width = [above, below][i].box.clientWidth;
      if (width && Math.abs(width - plot.width) > 1) plot.setSize({width, height: plot.height});
    }));
    sized.observe(above.box);
    const themed = new MutationObserver(draw);
    themed.observe(document.body, {attributes: true, attributeFilter: ["data-theme"]});
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return {
      zoom, move, all: () => show(1, steps), range: () => [from, to],
      end() { plots.forEach(plot => plot.destroy()); sized.disconnect(); themed.disconnect(); dark.removeEventListener("change", draw); },
    };
  };
})();
