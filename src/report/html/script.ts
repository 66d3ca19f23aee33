/** The pages' script: the button that changes between light and dark. Without it, a page follows its reader's system. */

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
})();
`;
