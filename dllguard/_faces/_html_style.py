"""Style sheet and script of the page. Data only.

The script is not needed to read the page: it puts a button beside each command, and
opens what is folded before printing where the browser's style sheets cannot.
"""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1b1f24;
  --soft: #57606a; --line: #d0d7de; --code: #eef1f4; --link: #0a58b5;
  --bad: #b3261e; --bad-soft: #fdecea; --warn: #8a5a00; --warn-soft: #fff4d9;
  --good: #1a6b34; --good-soft: #e4f5e9; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1318; --card: #181d24;
  --text: #e6eaef; --soft: #9aa5b1; --line: #343c46; --code: #232a33; --link: #7db4ff;
  --bad: #ff9a90; --bad-soft: #3a1a18; --warn: #f0c05a; --warn-soft: #352a10;
  --good: #7fd99a; --good-soft: #14301d; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); line-height: 1.5;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere; }
main, header.top, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header.top { padding-top: 1.5rem; }
.product { color: var(--soft); font-size: .9rem; margin: 0; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .2rem 0 .4rem; }
h1.bad { color: var(--bad); } h1.good { color: var(--good); }
h2 { font-size: 1.25rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1.1rem; margin: .35rem 0 .4rem; line-height: 1.35; }
h4 { font-size: 1rem; margin: 1.1rem 0 .3rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
code { font: .92em/1.5 ui-monospace, "Cascadia Mono", Consolas, Menlo,
  "DejaVu Sans Mono", monospace; unicode-bidi: isolate; }
code i { font-style: normal; color: var(--soft); }
.soft { color: var(--soft); }
.targets { list-style: none; margin: 1rem 0 0; padding: 0;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
.targets > li { padding: .55rem .8rem; border-top: 1px solid var(--line); }
.targets > li:first-child { border-top: 0; }
.targets ul { margin: .2rem 0 0; padding-left: 1.2rem; font-size: .93rem; }
.mark { display: inline-block; min-width: 3.4em; margin-right: .5em; padding: 0 .45em;
  border-radius: .3rem; font-size: .78rem; font-weight: 700; text-align: center;
  vertical-align: .08em; }
.mark.bad { color: var(--bad); background: var(--bad-soft); }
.mark.warn { color: var(--warn); background: var(--warn-soft); }
.mark.good { color: var(--good); background: var(--good-soft); }
article { background: var(--card); border: 1px solid var(--line);
  border-left: .3rem solid var(--warn); border-radius: .5rem; padding: .8rem 1rem 1rem;
  margin: 0 0 1rem; }
article.bad { border-left-color: var(--bad); }
.chain { list-style: none; margin: .9rem 0; padding: 0; }
.chain li { position: relative; border: 2px solid var(--line); border-radius: .4rem;
  background: var(--code); padding: .35rem .7rem; max-width: 40rem; }
.chain li + li { margin-top: 1.5rem; }
.chain li + li::before { content: ""; position: absolute; left: 1.5rem;
  top: calc(-1.5rem - 2px); height: 1.1rem; border-left: 2px solid var(--soft); }
.chain li + li::after { content: ""; position: absolute; left: calc(1.5rem - 4px);
  top: -.6rem; border: 5px solid transparent; border-top: 7px solid var(--soft);
  border-bottom: 0; }
.chain li.broken { border-style: dashed; border-color: var(--bad);
  background: var(--bad-soft); }
.chain li.broken.warn { border-color: var(--warn); background: var(--warn-soft); }
.end { font-weight: 700; color: var(--bad); white-space: normal; }
.warn .end { color: var(--warn); }
.symbols { margin: .3rem 0 0; padding-left: .8rem; border-left: 2px solid var(--line);
  list-style: none; font-size: .88rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem;
  margin: .8rem 0; }
dt { color: var(--soft); } dd { margin: 0; font-weight: 600; }
.facts dd { font-weight: 400; }
.cure { border-top: 1px solid var(--line); margin-top: .9rem; }
.cure ul.steps { list-style: none; margin: 0; padding: 0; }
.command { display: flex; align-items: stretch; gap: .5rem; margin: .35rem 0 .6rem;
  background: var(--code); border: 1px solid var(--line); border-radius: .4rem; }
.command code { flex: 1; min-width: 0; padding: .5rem .7rem; white-space: pre-wrap;
  -webkit-user-select: all; user-select: all; }
.command button { font: inherit; font-size: .85rem; min-width: 4.6rem; color: inherit;
  border: 0; border-left: 1px solid var(--line); background: transparent;
  border-radius: 0 .4rem .4rem 0; cursor: pointer; }
.command button:hover { background: var(--line); }
article > ul, .vain ul { margin: .2rem 0; padding-left: 1.2rem; }
.steps p::first-letter { text-transform: uppercase; }
details { margin: .5rem 0; } summary { cursor: pointer; }
details > .body { padding-left: .4rem; }
ul.tree { list-style: none; margin: .3rem 0; padding: 0; font-size: .93rem; }
ul.tree ul { list-style: none; margin: 0 0 0 .45rem; padding: 0 0 0 .8rem;
  border-left: 1px solid var(--line); }
ul.tree details { margin: 0; }
ul.tree li { padding: .06rem 0; }
ul.tree li.b > code, ul.tree li.b > details > summary > code { color: var(--bad);
  font-weight: 700; }
ul.tree .w { color: var(--soft); font-size: .92em; }
ul.long > li { content-visibility: auto; contain-intrinsic-size: auto 1.6rem; }
table { border-collapse: collapse; font-size: .93rem; width: 100%; }
td, th { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top;
  border-top: 1px solid var(--line); }
pre.page { white-space: pre-wrap; background: var(--code); padding: .7rem;
  border-radius: .4rem; font: .86rem/1.45 ui-monospace, Consolas, "DejaVu Sans Mono",
  monospace; }
footer { color: var(--soft); font-size: .87rem; padding-bottom: 2rem;
  border-top: 1px solid var(--line); margin-top: 2rem; padding-top: .7rem; }
@media (max-width: 34rem) { body { font-size: 15px; } h1 { font-size: 1.4rem; }
  article { padding: .7rem .75rem .8rem; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .3rem; } ul.tree ul { padding-left: .5rem; margin-left: .2rem; }
  .command { flex-direction: column; gap: 0; }
  .command button { border-left: 0; border-top: 1px solid var(--line); padding: .45rem;
    border-radius: 0 0 .4rem .4rem; } }
@media print { :root { color-scheme: light; --page: #fff; --card: #fff; --text: #000;
  --soft: #444; --line: #999; --code: #fff; --link: #000; --bad: #900;
  --bad-soft: #fff; --warn: #640; --warn-soft: #fff; --good: #040; --good-soft: #fff; }
  body { font-size: 10.5pt; } .command button { display: none; }
  main, header.top, footer { max-width: none; padding: 0; }
  article, .command, .chain li { break-inside: avoid; }
  article { break-inside: auto; } h2, h3, h4 { break-after: avoid; }
  ul.long > li { content-visibility: visible; }
  details:not(.bulk)::details-content { content-visibility: visible; display: block;
    block-size: auto; }
  .links a::after { content: " (" attr(href) ")"; } }
"""

SCRIPT: Final = """
for (const box of document.querySelectorAll(".command")) {
  const line = box.firstElementChild;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(line.textContent);
    } catch {
      getSelection().selectAllChildren(line);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
  box.append(button);
}
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details:not(.bulk):not([open])")) {
    one.dataset.folded = "";
    one.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("[data-folded]")) {
    delete one.dataset.folded;
    one.open = false;
  }
});
"""
