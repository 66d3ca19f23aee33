/** A page around its sections: one file that loads nothing. */
import { createHash } from 'node:crypto';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { type Content, html, trusted } from './template.ts';

export interface Section {
  id: string;
  /** The heading. */
  title: string;
  /** The heading in a word or two, for the list of contents. */
  short: string;
  body: Content;
}

export interface PageOptions {
  title: string;
  kicker: string;
  version: string;
  sections: readonly Section[];
}

// Data are escaped; should one escape that, this lets no script but ours run and nothing be loaded.
const POLICY = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'; base-uri 'none'; form-action 'none'`;

export function page({ title, kicker, version, sections }: PageOptions): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="outlier-exposure ${version}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the answer</a>
<header>
<div class="top">
<p class="kicker">${kicker}</p>
<button type="button" id="theme" hidden>Dark colours</button>
</div>
<h1>${title}</h1>
<nav aria-label="Contents"><ul>${sections.map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
${sections.map(
  ({ id, title: heading, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${heading}</h2>
${body}
</section>
`,
)}</main>
<footer><p>Made by outlier-exposure ${version}, after Dan Hendrycks, Mantas Mazeika and Thomas Dietterich, <a href="https://arxiv.org/abs/1812.04606">Deep Anomaly Detection with Outlier Exposure</a> (ICLR 2019). This file is complete: it loads nothing.</p></footer>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.toString();
}
