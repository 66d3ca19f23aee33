/** The pages' look. Colours after Okabe and Ito, told apart by all kinds of sight; two sets, for light and dark. */

type Colors = Record<string, string>;

const LIGHT: Colors = {
  paper: '#ffffff',
  panel: '#f6f7f9',
  ink: '#1b1f24',
  soft: '#57606a',
  faint: '#e1e4e8',
  accent: '#0072b2',
  in: '#6e7781',
  out: '#b8508f',
  'model-1': '#c45500',
  'model-2': '#0072b2',
  'model-3': '#00805d',
  'model-4': '#8250df',
};

const DARK: Colors = {
  paper: '#14171b',
  panel: '#1d2127',
  ink: '#e6e9ed',
  soft: '#a4adb8',
  faint: '#343a43',
  accent: '#6cc0f2',
  in: '#9aa4af',
  out: '#e394c4',
  'model-1': '#e69f00',
  'model-2': '#56b4e9',
  'model-3': '#2cc79b',
  'model-4': '#b794f4',
};

function variables(colors: Colors, scheme: string): string {
  return `color-scheme:${scheme};${Object.entries(colors)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')}`;
}

export const STYLE = `
:root{${variables(LIGHT, 'light')}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${variables(DARK, 'dark')}}}
@media screen{:root[data-theme=dark]{${variables(DARK, 'dark')}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:break-word}
.skip{position:absolute;left:-999px;top:0;background:var(--ink);color:var(--paper);padding:.6rem 1rem;z-index:2}
.skip:focus{left:0}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
a{color:var(--accent)}
header,main,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.2rem}
.top{display:flex;gap:1rem;align-items:center;justify-content:space-between}
.kicker{margin:0;color:var(--soft);font-size:.9rem}
h1{margin:.1rem 0 .6rem;font-size:clamp(1.5rem,4.5vw,2.1rem);line-height:1.2;text-wrap:balance}
h2{margin:3.5rem 0 .6rem;padding-top:1.2rem;border-top:2px solid var(--faint);font-size:1.45rem;line-height:1.25;text-wrap:balance}
main>section:first-of-type h2{margin-top:1.2rem}
h3{margin:2rem 0 .4rem;font-size:1.1rem;line-height:1.3}
p,dl,ul.plain{max-width:46rem}
button{font:inherit;font-size:.9rem;color:var(--ink);background:var(--panel);border:1px solid var(--soft);border-radius:6px;padding:.35rem .8rem;cursor:pointer;white-space:nowrap}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:.2rem 0 0;padding:0;font-size:.93rem}
nav a{display:inline-block;padding:.25rem 0}
.answer{font-size:clamp(1.15rem,2.6vw,1.4rem);line-height:1.45;font-weight:600;border-left:5px solid var(--accent);padding:.1rem 0 .1rem 1rem;margin:1.2rem 0;max-width:52rem}
.note,figcaption,.notes{color:var(--soft);font-size:.92rem}
.notes{padding-left:1.1rem;max-width:46rem}
dfn{font-style:normal;font-weight:700}
dl.terms{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.35rem 1.2rem;margin:1rem 0;max-width:56rem}
dl.terms dt{font-weight:700}
dl.terms dd{margin:0}
.pictures em{color:var(--out);font-style:normal}
.wrap{overflow-wrap:anywhere}
.math{font-family:Cambria,"STIX Two Math","Times New Roman",serif;font-style:italic;white-space:nowrap}
figure{margin:1.2rem 0;min-width:0}
figcaption{margin:.4rem 0;max-width:46rem}
figcaption strong,figcaption h3{color:var(--ink)}
figcaption h3{margin:0 0 .1rem;font-size:1.02rem}
figure+figure{margin-top:1.8rem}
.plots{display:flex;flex-wrap:wrap;gap:.6rem 1.6rem}
.plots>div{flex:1 1 300px;max-width:340px;min-width:0}
.plots h4{margin:.2rem 0 0;font-size:.95rem;font-weight:600}
svg.plot{display:block;width:100%;height:auto;overflow:visible}
svg.plot text{white-space:pre}
.wide{display:block}.narrow{display:none}
.row{display:flex;flex-wrap:wrap;gap:0 1.6rem}
.row>figure{flex:0 1 330px}
.row>.run{flex:1 1 340px;max-width:34rem;min-width:0}
.run figure svg.plot{margin:0}
.tables{display:flex;flex-wrap:wrap;gap:.4rem 3rem}
.tables>*{min-width:0}
@media (min-width:1000px){figure.beside{display:grid;grid-template-columns:15rem 1fr;gap:0 1.6rem}figure.beside>details{grid-column:2}}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;padding:0;margin:.6rem 0;font-size:.93rem}
.legend li{display:flex;align-items:center;gap:.45rem}
.legend svg{flex:none}
details{margin:.4rem 0}
summary{cursor:pointer;color:var(--accent);font-size:.92rem;padding:.2rem 0;width:fit-content}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:separate;border-spacing:0;font-size:.93rem;font-variant-numeric:tabular-nums;margin:.5rem 0}
caption{text-align:left;color:var(--soft);font-size:.92rem;padding-bottom:.35rem}
th,td{padding:.32rem .7rem;text-align:right;border-bottom:1px solid var(--faint);vertical-align:top}
thead th{vertical-align:bottom;font-weight:600}
thead th:not(:first-child):not(.text) span{display:inline-block;max-width:5.6rem}
thead th[scope=colgroup]{text-align:center;color:var(--soft);border-bottom:2px solid var(--faint)}
th:first-child,td.text,th.text{text-align:left}
tbody th,tfoot th{font-weight:400}
th:first-child{padding-left:0}
th small{display:block;color:var(--soft);font-size:.82rem;max-width:16rem}
tfoot th,tfoot td{border-top:2px solid var(--soft);border-bottom:0}
tfoot tr:first-child th{font-weight:600}
tfoot tr+tr th,tfoot tr+tr td{border-top:1px solid var(--faint)}
td:not(.text){white-space:nowrap}
td.best{font-weight:700}
td.theirs{color:var(--soft)}
td.changed{background:var(--panel);font-weight:600}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.9em}
pre{background:var(--panel);padding:.8rem 1rem;border-radius:6px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.mono{overflow-wrap:anywhere;font-size:.82rem}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(74px,1fr));gap:.7rem .6rem;list-style:none;margin:.3rem 0 .8rem;padding:0;max-width:46rem}
.pictures li{font-size:.8rem;line-height:1.3;color:var(--soft);font-variant-numeric:tabular-nums}
.pictures img{display:block;width:64px;height:64px;object-fit:contain;image-rendering:pixelated;background:#000;border:1px solid var(--faint);border-radius:3px;margin-bottom:.2rem}
.pictures b{color:var(--ink);font-weight:600}
.texts{list-style:none;margin:.3rem 0 .8rem;padding:0;max-width:52rem;font-size:.93rem}
.texts li{margin:.35rem 0;padding-left:.8rem;border-left:2px solid var(--faint)}
.texts b{font-variant-numeric:tabular-nums;margin-right:.3rem}
.texts em{color:var(--out);font-style:normal}
.unknown{color:var(--soft);font-style:italic;text-decoration:underline dotted 1px;text-underline-offset:.2em}
img.sheet{display:block;max-width:100%;height:auto;image-rendering:pixelated;background:#000;border:1px solid var(--faint);border-radius:3px;margin:.3rem 0 .1rem}
h4.row{margin:.7rem 0 0;font-size:.92rem;font-weight:600}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:0 2.5rem}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:4rem;padding-top:1rem;padding-bottom:2.5rem;color:var(--soft);font-size:.9rem}
@media (max-width:640px){
  header,main,footer{padding-left:1rem;padding-right:1rem}
  .wide{display:none}.narrow{display:block}
  .plots>div{max-width:none;flex-basis:100%}
  svg.plot{margin:0 auto}
  th,td{padding-left:.35rem;padding-right:.35rem}
  th small{display:none}
  th[scope=row],thead tr>:first-child{position:sticky;left:0;background:var(--paper)}
  dl.terms{grid-template-columns:1fr;gap:0}
  dl.terms dd{margin-bottom:.6rem}
  .pictures{grid-template-columns:repeat(4,1fr)}
  .pictures img{width:100%;max-width:64px;height:auto;aspect-ratio:1}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@page{margin:14mm}
@media print{
  body{font-size:10pt;line-height:1.4}
  header,main,footer{max-width:none;padding:0}
  nav,.skip,#theme,details:not([open]){display:none}
  .wide{display:block}.narrow{display:none}
  h2{margin-top:1.6rem}
  h2,h3,h4,figcaption{break-after:avoid}
  figure,.pictures,li,tr,dl.terms>*{break-inside:avoid}
  tfoot{display:table-row-group}
  h3+p,caption,.legend{break-after:avoid}
  .legend{font-size:.93em}
  .plots{flex-wrap:nowrap}
  .plots>div{flex:1 1 0}
  .scroll{overflow:visible}
  th,td{padding:.2rem .45rem}
  .pictures{grid-template-columns:repeat(8,1fr)}
  .pictures img{width:100%;height:auto;aspect-ratio:1}
  *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
