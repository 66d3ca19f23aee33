/**
 * The pages' script: the button that changes between light and dark, and tables that can be scrolled by keyboard where
 * they do not fit. Without it, a page follows its reader's system.
 */

export const SCRIPT = `
(() => {
  const root = document.documentElement;
  const button = document.getElementById('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const dark = () => (root.dataset.theme || (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => {
    button.textContent = dark() ? 'Light colours' : 'Dark colours';
    button.hidden = false;
  };
  try { root.dataset.theme = localStorage.getItem('outlier-exposure-theme') || ''; } catch {}
  button.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    try { localStorage.setItem('outlier-exposure-theme', root.dataset.theme); } catch {}
    show();
  });
  system.addEventListener('change', show);
  show();
  const reach = () => {
    for (const box of document.querySelectorAll('.scroll')) {
      const wide = box.scrollWidth > box.clientWidth + 1;
      for (const [name, value] of [['tabindex', '0'], ['role', 'group'], ['aria-label', 'Table, wider than the page: scroll sideways']]) {
        if (wide) box.setAttribute(name, value);
        else box.removeAttribute(name);
      }
    }
  };
  addEventListener('resize', reach);
  document.addEventListener('toggle', reach, true);
  reach();
})();
`;
