/** Runs inside the page: notes when the panel of an incident appears. Results are read from `window.benchIncidents`. */
(() => {
  const seen = new Map();
  window.benchIncidents = { read: () => Object.fromEntries(seen) };
  const look = () => {
    const id = document.querySelector('[data-testid=incident-popup]')?.dataset.incident;
    if (id !== undefined && !seen.has(id)) seen.set(id, Date.now());
  };
  const observe = () => {
    const about = { childList: true, subtree: true, attributes: true, attributeFilter: ['data-incident'] };
    new MutationObserver(look).observe(document.body, about);
    look();
  };
  if (document.body === null) addEventListener('DOMContentLoaded', observe);
  else observe();
})();
