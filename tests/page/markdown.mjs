// The renderer by itself: what Markdown becomes, where marks fall, and how long the worst takes.

import { must } from './desk.mjs';

/** Markdown and the nodes that come of it, written as HTML. */
const BECOMES = [
  ['a *b* **c** ***d*** ~~e~~ `f*g*`', '<p>a <em>b</em> <strong>c</strong> <em><strong>d</strong></em> <s>e</s> <code>f*g*</code></p>'],
  ['snake_case_name and __init__ and 2*3*4', '<p>snake_case_name and <strong>init</strong> and 2<em>3</em>4</p>'],
  ['*a **b* c**', '<p><em>a <em><em>b</em> c</em></em></p>'],
  ['\\*not\\* and a\\\nb', '<p>*not* and a<br>b</p>'],
  ['# A\n### B\n## C\n# D #', '<h3>A</h3><h4>B</h4><h4>C</h4><h3>D</h3>'],
  ['Title\n===\n\nOther\n---', '<h3>Title</h3><h4>Other</h4>'],
  ['- a\n- b\n  - c\n\n  d', '<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul><p>d</p></li></ul>'],
  ['3. a\n4. b', '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
  ['- [x] done\n- [ ] open', '<ul><li><p><span class="task">☑ </span>done</p></li><li><p><span class="task">☐ </span>open</p></li></ul>'],
  ['> a\nb\n\n> c', '<blockquote><p>a\nb</p></blockquote><blockquote><p>c</p></blockquote>'],
  ['~~~js\nlet a = "<b>";\n~~~', '<pre><code><span class="line">let a = "&lt;b&gt;";</span>\n</code></pre>'],
  ['    indented\n\n    code', '<pre><code><span class="line">indented</span>\n<span class="line"></span>\n<span class="line">code</span>\n</code></pre>'],
  ['| a | b |\n|---|:-:|\n| `x` y | \\| |', '<div class="table"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td><code>x</code> y</td><td>|</td></tr></tbody></table></div>'],
  ['***\n- - -', '<hr><hr>'],
  ['&amp; &lt;b&gt; &#65; &#x42; &nosuch;', '<p>&amp; &lt;b&gt; A B &amp;nosuch;</p>'],
  ['a<br>b <i>c</i><!-- d -->', '<p>a<br>b &lt;i&gt;c&lt;/i&gt;</p>'],
  ['x[^1]', '<p>x<sup>1</sup></p>'],
  ['[a](b.md) [[c|d]] [e](javascript:x)', '<p><span class="unlinked">a</span> <span class="unlinked">d</span> <span class="unlinked">e</span></p>'],
  ['---\ntitle: x\n---\n\ny', '<pre class="front"><code><span class="line">title: x</span>\n</code></pre><p>y</p>'],
  ['a\r\nb\r\n\r\nc', '<p>a\nb</p><p>c</p>'],
  ['', ''],
];

const LINKS = [
  ['[a](https://a.example/x?y=1&z=(2))', 'https://a.example/x?y=1&z=(2)'],
  ['<https://a.example>', 'https://a.example/'],
  ['see https://a.example/b_c_d, then', 'https://a.example/b_c_d'],
  ['(https://a.example/b)', 'https://a.example/b'],
  ['[a](<mailto:a@b.example>)', 'mailto:a@b.example'],
  ['[a][r]\n\n[r]: https://a.example/r', 'https://a.example/r'],
  ...['[a](javascript:alert(1))', '[a]( javascript:alert(1) )', '[a](JAVASCRIPT:x)', '[a](\u0001javascript:x)', '[a](java&#10;script:x)', '[a](data:text/html,x)',
    '[a](vbscript:x)', '[a](file:///etc/passwd)', '[a](//a.example)', '[a](\\\\a.example)', '[a](https:a.example)', '<javascript:x>', '[a](blob:x)', '[a](/api/status)'].map((text) => [text, null]),
];

export const checks = {
  async 'Markdown becomes these nodes'(desk) {
    const page = await desk.page();
    const came = await page.evaluate(async (all) => {
      const { markdown } = await import('/assets/page.js');
      const write = (node) => (node.nodeType === 3 ? node.data.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
        : node.nodeType === 1 ? `<${node.localName}${[...node.attributes].filter(({ value }) => value).map(({ name, value }) => ` ${name}="${value}"`).join('')}>${[...node.childNodes].map(write).join('')}${['br', 'hr'].includes(node.localName) ? '' : `</${node.localName}>`}`
          : [...node.childNodes].map(write).join(''));
      return all.map(([text]) => write(markdown(text)));
    }, BECOMES);
    BECOMES.forEach(([text, nodes], i) => must(came[i] === nodes, `${JSON.stringify(text)} becomes\n  ${came[i]}\ninstead of\n  ${nodes}`));
    await desk.leave(page);
  },

  async 'only harmless addresses become links'(desk) {
    const page = await desk.page();
    const came = await page.evaluate(async (all) => {
      const { markdown } = await import('/assets/page.js');
      return all.map(([text]) => markdown(text).querySelector('a')?.getAttribute('href') ?? null);
    }, LINKS);
    LINKS.forEach(([text, href], i) => must(came[i] === href, `${JSON.stringify(text)} leads to ${came[i]} instead of ${href}`));
    await desk.leave(page);
  },

  async 'marks fall on the very signs, and lines are counted as in the file'(desk) {
    const page = await desk.page();
    const came = await page.evaluate(async () => {
      const { markdown } = await import('/assets/page.js');
      const marks = (text, words, how = {}) => {
        const at = text.indexOf(words);
        const node = markdown(text, { marks: [[at, at + words.length]], ...how });
        return [...node.querySelectorAll('mark')].map((mark) => mark.textContent).join('');
      };
      const cited = (text, lines, line = 1) => [...markdown(text, { cited: [lines], line }).querySelectorAll('.cited')].map((node) => node.textContent.trim());
      return [
        marks('a b c', 'b'), marks('x **bold words** y', 'bold'), marks('> - deep *in* it', 'deep *in* it'), marks('| a | b |\n|---|---|\n| c d | e |', 'd'),
        marks('```\nlet x = 1\n```', 'x = 1'), marks('a &amp; b', 'a &amp; b'), marks('one\r\ntwo\r\nthree', 'two\r\nthree').replace(/\s+/g, ' '), marks('[see this](https://a.example)', 'this'),
        cited('a\n\nb\n\nc', [3, 3]), cited('- a\n- b\n- c', [2, 3]), cited('```\na\nb\n```', [3, 3]), cited('a\n\nb', [12, 12], 10),
      ];
    });
    const expected = ['b', 'bold', 'deep in it', 'd', 'x = 1', 'a  b', 'two three', 'this', ['b'], ['b', 'c'], ['b'], ['b']];
    expected.forEach((one, i) => must(JSON.stringify(came[i]) === JSON.stringify(one), `${i}: ${JSON.stringify(came[i])} instead of ${JSON.stringify(one)}`));
    await desk.leave(page);
  },

  async 'no text takes long, and none breaks the renderer'(desk) {
    const page = await desk.page();
    const slow = await page.evaluate(async () => {
      const { markdown } = await import('/assets/page.js');
      const pieces = ['*', '_', '**a', '[', '](', '![', '`', '``', '<', '<!--', '-->', '>', '> ', '- ', '1. ', '|', '|-', '\\', '&', '&#', '~~', '==', '#', '# ', '\n', '\n\n', '\t', '    ', ' ', 'a', '(', ')',
        '[[', ']]', '|a|\n|-|\n', '---\n', '```\n', '[a]: b\n', 'http://', 'https://a', '[^', '*a_', '"', '\u202e', '😀', '[x](a ', '![[a', 'a_b*'];
      const bad = [];
      const tried = (text, name) => {
        const began = performance.now();
        markdown(text, { cited: [[1, 2]], marks: [[0, 3]] });
        const took = performance.now() - began;
        if (took > 2000) bad.push(`${name}: ${Math.round(took)} ms`);
      };
      for (const piece of pieces) tried(piece.repeat(Math.ceil(20000 / piece.length)), JSON.stringify(piece));
      for (const piece of pieces) tried(`${piece}x\n`.repeat(1500), `${JSON.stringify(piece)} in lines`);
      let seed = 7;
      const random = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
      for (let i = 0; i < 3000; i++) tried(Array.from({ length: random(60) }, () => pieces[random(pieces.length)]).join(''), 'a mixture');
      return bad;
    });
    must(!slow.length, slow.join('\n  '));
    await desk.leave(page);
  },
};
