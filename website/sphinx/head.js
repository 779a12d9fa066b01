// Before anything is drawn: the page in the language that was chosen, by ?language=ja or on a page before.
(() => {
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private windows may have none */ } },
  };
  window.workbook = {store};
  const here = document.documentElement.lang;
  const asked = new URLSearchParams(location.search).get("language");
  if (asked === "en" || asked === "ja") store.set("workbook-language", asked);
  const other = document.querySelector('link[rel="alternate"][hreflang]');
  const wanted = store.get("workbook-language");
  if (other && wanted && wanted !== here && other.hreflang === wanted) {
    location.replace(other.getAttribute("href") + location.search.replace(/language=\w+&?/, "") + location.hash);
  }
  document.documentElement.classList.add("js");
})();
