// What small things every page has: the language switch, frameworks in the address, folds that open for a link, print, a picture that stops.
(() => {
  const {store} = window.workbook;
  const KEY = "sphinx-design-tab-id-framework";     // where sphinx-design remembers a tab

  for (const link of document.querySelectorAll("a[hreflang]")) {
    link.addEventListener("click", () => {
      store.set("workbook-language", link.hreflang);
      if (link.matches(".language")) link.hash = location.hash;
    });
  }

  // ?framework=chainer: the address says which tab is open, and opens it.
  const labels = [...document.querySelectorAll('label[data-sync-group="framework"]')];
  const input = label => document.getElementById(label.htmlFor);
  const choose = framework => labels.filter(label => label.dataset.syncId === framework).forEach(label => { input(label).checked = true; });
  const asked = new URLSearchParams(location.search).get("framework");
  if (labels.some(label => label.dataset.syncId === asked)) { store.set(KEY, asked); choose(asked); }
  for (const label of labels) {
    input(label).addEventListener("change", () => {
      store.set(KEY, label.dataset.syncId);
      choose(label.dataset.syncId);
      window.workbook.address({framework: label.dataset.syncId});
    });
  }
  window.workbook.framework = () => asked || store.get(KEY);
  window.workbook.address = changes => {
    const url = new URL(location.href);
    for (const [key, value] of Object.entries(changes)) value ? url.searchParams.set(key, value) : url.searchParams.delete(key);
    history.replaceState(null, "", url);
  };

  // A link to something inside a fold opens it.
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  addEventListener("hashchange", open);
  open();

  for (const button of document.querySelectorAll("button.print")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  const moving = document.getElementById("moving"), pause = document.getElementById("pause");
  if (moving) {
    const film = moving.src;
    const run = on => { moving.src = on ? film : moving.dataset.still; pause.textContent = on ? "Stop" : "Play"; };
    let on = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    run(on);
    pause.hidden = false;
    pause.addEventListener("click", () => run(on = !on));
  }

  // The theme's two columns at the sides, told from one another by name
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Site");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");

  // What scrolls sideways can be reached and scrolled with the keyboard.
  for (const box of document.querySelectorAll('.table-wrapper, .highlight pre, .cell_output .output, .cell_output [style*="overflow"]')) {
    if (box.scrollWidth > box.clientWidth + 1 && !box.hasAttribute("tabindex")) box.tabIndex = 0;
  }
})();
