// The page of `qsearch serve`: a question, the answer with its sources, and the notes that they stand in.
//
// First the Markdown renderer, then the page. Text from notes becomes text nodes and nothing else: no HTML is parsed, and
// an address goes into a link only after its scheme was looked at.

// ---------------------------------------------------------------------------------------------------- small helpers

const byId = (id) => document.getElementById(id);

/** An element with properties or attributes, and children; strings become text. */
function el(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'class') node.className = value;
    else if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const button = (text, onclick, props = {}) => el('button', { type: 'button', onclick, ...props }, text);

/** Text without what turns other text round or can't be seen: controls, and marks that override directions. */
const clean = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');

const many = (number, one, more = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : more}`;

/** The address of a link that leads out, if its scheme is harmless; else null. */
export function outside(address) {
  if (!/^(?:https?:\/\/|mailto:)/i.test(address)) return null;
  try {
    const url = new URL(address);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

// ------------------------------------------------------------------------------------------------- Markdown, inline

const PUNCTUATION = /[\p{P}\p{S}]/u;
const SPECIAL = /[\\`<![*_~=&\n]|https?:\/\//g;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/y;
const WIKI = /\[\[([^[\]\n|]{1,500})(?:\|([^[\]\n]{0,500}))?\]\]/y;
const FOOTNOTE = /\[\^([^\]\s]{1,50})\]/y;
const DESTINATION = /\(\s*(?:<([^<>\n]{0,2000})>|([^\s()<>]{0,2000}(?:\([^\s()]{0,200}\)[^\s()<>]{0,200}){0,9}))(?:\s+(?:"[^"]{0,500}"|'[^']{0,500}'))?\s*\)/y;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/iy;
const BARE = /https?:\/\/[^\s<>"`|\\^{}[\]]{1,2000}/y;
const BREAK = /<br\s{0,9}\/?>/iy;
const TAGS = { '*1': 'em', '_1': 'em', '*2': 'strong', '_2': 'strong', '~2': 's', '=2': 'em' };
const ENTITIES = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'', nbsp: '\u00a0', ndash: '–', mdash: '—', hellip: '…', copy: '©',
  reg: '®', trade: '™', times: '×', divide: '÷', deg: '°', plusmn: '±', middot: '·', bull: '•', rarr: '→', larr: '←',
  uarr: '↑', darr: '↓', le: '≤', ge: '≥', ne: '≠', laquo: '«', raquo: '»', ldquo: '“', rdquo: '”', lsquo: '‘', rsquo: '’',
  auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', eacute: 'é', egrave: 'è', euro: '€',
};

/** The text of a block whose lines lie apart in the note, and where each sign stands there. */
class Span {
  constructor(lines) {
    this.text = lines.map((line) => line.text).join('\n');
    this.starts = [];
    let from = 0;
    for (const line of lines) {
      this.starts.push([from, line.at]);
      from += line.text.length + 1;
    }
    this.scan();
  }

  /** Where in the note the sign at a place of this text stands. */
  at(place) {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle][0] <= place) low = middle;
      else high = middle - 1;
    }
    return this.starts[low][1] + place - this.starts[low][0];
  }

  /** Finds code spans and pairs of brackets once, so that a long line takes no longer than its length. */
  scan() {
    this.codes = new Map();
    this.brackets = new Map();
    this.lastComment = this.text.lastIndexOf('-->');
    const runs = new Map();
    for (const run of this.text.matchAll(/`+/g)) {
      if (!runs.has(run[0].length)) runs.set(run[0].length, []);
      runs.get(run[0].length).push(run.index);
    }
    for (const places of runs.values()) places.reverse();
    const open = [];
    for (let i = 0; i < this.text.length; i++) {
      const sign = this.text[i];
      if (sign === '\\') i++;
      else if (sign === '[') open.push(i);
      else if (sign === ']' && open.length) this.brackets.set(open.pop(), i);
      else if (sign === '`') {
        const from = i;
        while (this.text[i + 1] === '`') i++;
        const places = runs.get(i + 1 - from) ?? [];
        while (places.length && places.at(-1) <= from) places.pop();
        if (!places.length) continue;
        this.codes.set(from, [i + 1, places.at(-1)]);
        i = places.at(-1) + i - from;
      }
    }
  }
}

/** Appends a part of a block's text to a node, with its emphasis, code and links. */
function inline(node, span, how, from = 0, to = span.text.length, inLink = false) {
  const { text } = span;
  const pieces = [];
  const plain = (a, b) => { if (b > a) pieces.push({ from: a, to: b }); };
  const put = (child) => pieces.push({ node: child });
  let i = from;
  while (i < to) {
    SPECIAL.lastIndex = i;
    const found = SPECIAL.exec(text);
    const next = found && found.index < to ? found.index : to;
    plain(i, next);
    i = next;
    if (i >= to) break;
    const taken = special(span, how, i, to, inLink, { plain, put, pieces });
    if (taken > i) i = taken;
    else plain(i, ++i);
  }
  emphasise(pieces);
  const into = [node];
  for (const piece of pieces) {
    for (let n = piece.closes ?? 0; n > 0; n--) into.pop();
    if (piece.node) into.at(-1).append(piece.node);
    else if (piece.to > piece.from) marked(into.at(-1), text.slice(piece.from, piece.to), span.at(piece.from), how);
    for (const name of (piece.opens ?? []).reverse()) {
      const inner = el(name);
      into.at(-1).append(inner);
      into.push(inner);
    }
  }
}

/** Takes what begins at a sign with a meaning; where it ends, or where it began if it means nothing. */
function special(span, how, i, to, inLink, { plain, put, pieces }) {
  const { text } = span;
  const match = (pattern) => {
    pattern.lastIndex = i;
    const found = pattern.exec(text);
    return found && i + found[0].length <= to ? found : null;
  };
  const sign = text[i];
  if (sign === '\\') {
    if (text[i + 1] === '\n' && i + 1 < to) return put(el('br')), i + 2;
    if (i + 1 < to && /[!-/:-@[-`{-~]/.test(text[i + 1])) return plain(i + 1, i + 2), i + 2;
    return i;
  }
  if (sign === '\n') {
    if (how.breaks || /(?: {2})$/.test(text.slice(Math.max(0, i - 2), i))) return put(el('br')), i + 1;
    return i;
  }
  if (sign === '`') {
    const code = span.codes.get(i);
    if (code && code[1] < to) {
      const inner = el('code');
      marked(inner, text.slice(code[0], code[1]).replaceAll('\n', ' '), span.at(code[0]), how);
      return put(inner), code[1] + code[0] - i;
    }
    let end = i;
    while (end < to && text[end] === '`') end++;
    return plain(i, end), end;
  }
  if (sign === '<') {
    const link = inLink ? null : match(AUTOLINK);
    if (link) return put(anchor(outside(link[1]), link[1])), i + link[0].length;
    const line = match(BREAK);
    if (line) return put(el('br')), i + line[0].length;
    if (text.startsWith('<!--', i) && i + 4 <= span.lastComment) return Math.min(to, text.indexOf('-->', i + 4) + 3);
    return i;
  }
  if (sign === '&') {
    const entity = match(ENTITY);
    const value = entity && (ENTITIES[entity[3]] ?? number(entity));
    return value ? (put(document.createTextNode(clean(value))), i + entity[0].length) : i;
  }
  if (sign === 'h') {
    const url = inLink || /\w/.test(text[i - 1] ?? '') ? null : match(BARE);
    const address = url?.[0].replace(url[0].includes('(') ? /[.,;:!?'"*_~]+$/ : /[.,;:!?'"*_~)]+$/, '');
    return url && outside(address) ? (put(anchor(outside(address), address)), i + address.length) : i;
  }
  if (sign === '!' || sign === '[') return bracket(span, how, i, to, inLink, match, put);
  let end = i;
  while (end < to && text[end] === sign) end++;
  if ((sign === '~' || sign === '=') && end - i !== 2) return plain(i, end), end;
  const [before, after] = [text[i - 1] ?? ' ', text[end] ?? ' '];
  const left = !/\s/.test(after) && (!PUNCTUATION.test(after) || /\s/.test(before) || PUNCTUATION.test(before));
  const right = !/\s/.test(before) && (!PUNCTUATION.test(before) || /\s/.test(after) || PUNCTUATION.test(after));
  const inWord = sign === '_';
  const open = left && (!inWord || !right || PUNCTUATION.test(before));
  const close = right && (!inWord || !left || PUNCTUATION.test(after));
  pieces.push({ sign, from: i, to: end, open, close, opens: [], closes: 0 });
  return end;
}

/** Takes a link, a picture or a footnote. */
function bracket(span, how, i, to, inLink, match, put) {
  const { text } = span;
  const picture = text[i] === '!';
  if (picture && text[i + 1] !== '[') return i;
  const start = picture ? i + 1 : i;
  WIKI.lastIndex = start;
  const wiki = WIKI.exec(text);
  if (wiki && start + wiki[0].length <= to) {
    const [target, label] = [wiki[1].trim(), wiki[2] ?? wiki[1]];
    if (picture && /\.(?:png|jpe?g|gif|webp|avif|svg|bmp)$/i.test(target)) put(image(how, target, target));
    else put((inLink ? null : how.link?.(target, label)) ?? el('span', { class: 'unlinked' }, clean(label)));
    return start + wiki[0].length;
  }
  const footnote = picture ? null : match(FOOTNOTE);
  if (footnote) return put(el('sup', {}, clean(footnote[1]))), i + footnote[0].length;
  const close = span.brackets.get(start);
  if (close === undefined || close >= to) return i;
  DESTINATION.lastIndex = close + 1;
  const found = text[close + 1] === '(' ? DESTINATION.exec(text) : null;
  let [target, end] = [found ? found[1] ?? found[2] : undefined, found ? close + 1 + found[0].length : close + 1];
  if (target === undefined) {
    const second = text[close + 1] === '[' ? span.brackets.get(close + 1) : undefined;
    const name = second > close + 2 ? text.slice(close + 2, second) : text.slice(start + 1, close);
    target = how.references?.get(name.trim().toLowerCase());
    if (second !== undefined && target !== undefined) end = second + 1;
  }
  if (target === undefined || end > to) return i;
  if (picture) return put(image(how, target, text.slice(start + 1, close))), end;
  const away = outside(target);
  const link = inLink ? null : away ? anchor(away) : how.link?.(target, '');
  const inner = link ?? el('span', { class: 'unlinked' });
  inner.replaceChildren();
  inline(inner, span, how, start + 1, close, true);
  if (!inner.textContent.trim() && !inner.querySelector('img')) inner.append(clean(target));
  return put(inner), end;
}

/** A link that leads out of the notes. */
function anchor(address, text = '') {
  if (!address) return el('span', { class: 'unlinked' }, clean(text));
  return el('a', { href: address, title: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, clean(text));
}

/** A picture of the notes, or words in its place. */
function image(how, target, alt) {
  const words = clean(alt || target.split('/').at(-1));
  const away = outside(target);
  if (away) return el('span', { class: 'unlinked' }, 'Picture elsewhere, not loaded: ', anchor(away, words));
  return how.image?.(target, words) ?? el('span', { class: 'unlinked' }, `Picture: ${words}`);
}

const number = ([, decimal, hex]) => {
  const code = decimal ? Number(decimal) : parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
};

/** Pairs the runs of `*`, `_`, `~~` and `==` as CommonMark does, in time that grows with their number. */
function emphasise(pieces) {
  const stack = [];
  const open = {};
  const drop = () => { open[stack.pop().sign]--; };
  for (const piece of pieces) {
    if (!piece.sign) continue;
    while (piece.close && open[piece.sign] > 0 && piece.to > piece.from) {
      while (stack.at(-1).sign !== piece.sign) drop();
      const opener = stack.at(-1);
      const [a, b] = [opener.to - opener.from, piece.to - piece.from];
      if ((opener.close || piece.open) && (a + b) % 3 === 0 && a % 3) break;
      const used = Math.min(2, a, b);
      opener.opens.push(TAGS[piece.sign + used]);
      piece.closes++;
      opener.to -= used;
      piece.from += used;
      if (opener.to === opener.from) drop();
    }
    if (piece.open && piece.to > piece.from) {
      stack.push(piece);
      open[piece.sign] = (open[piece.sign] ?? 0) + 1;
    }
  }
}

/** Appends text that stands at `at` in the note; what is cited of it is marked. */
function marked(node, text, at, how) {
  let from = 0;
  for (const [first, last] of how.marks ?? []) {
    const [a, b] = [Math.max(first - at, from), Math.min(last - at, text.length)];
    if (a >= b) continue;
    if (a > from) node.append(clean(text.slice(from, a)));
    node.append(el('mark', {}, clean(text.slice(a, b))));
    from = b;
  }
  if (from < text.length) node.append(clean(text.slice(from)));
}

// ------------------------------------------------------------------------------------------------- Markdown, blocks

const ITEM = /^( {0,3})(?:([-*+])|(\d{1,9})([.)]))(?=\s|$)/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const HEADING = /^ {0,3}(#{1,6})(?=\s|$)/;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const QUOTE = /^ {0,3}> ?/;
const DELIMITERS = /^\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const REFERENCE = /^ {0,3}\[([^\]^][^\]]{0,200})\]:\s{0,9}(\S{1,2000})/;
const DEEPEST = 24;
const LONGEST = 20000;

/**
 * Renders Markdown as nodes. `line` is the number of the first line, `cited` are spans of lines and `marks` spans of
 * signs that are marked; `link` and `image` make nodes for what lies in the notes, or null.
 */
export function markdown(text, { line = 1, cited = [], marks = [], ...how } = {}) {
  const lines = [];
  let at = 0;
  for (const whole of text.split('\n')) {
    const shown = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    lines.push({ text: shown.length > LONGEST ? `${shown.slice(0, LONGEST)} …` : shown, at, number: line + lines.length });
    at += whole.length + 1;
  }
  const sorted = marks.filter(([a, b]) => b > a).sort((a, b) => a[0] - b[0]);
  const references = new Map();
  for (const { text: shown } of lines) {
    const [, name, target] = REFERENCE.exec(shown) ?? [];
    if (name && !references.has(name.toLowerCase())) references.set(name.toLowerCase(), target.replace(/^<|>$/g, ''));
  }
  const fragment = document.createDocumentFragment();
  const all = { level: 2, ...how, headings: [], references, marks: sorted, cited };
  blocks(fragment, frontMatter(fragment, lines, all), all, 0);
  return fragment;
}

/** Appends the properties at the beginning of a note; the lines behind them. */
function frontMatter(node, lines, how) {
  if (lines[0].number !== 1 || lines[0].text.trim() !== '---') return lines;
  const end = lines.findIndex((line, i) => i > 0 && i < 300 && /^(?:---|\.\.\.)\s*$/.test(line.text));
  if (end < 2) return lines;
  node.append(code(lines.slice(1, end), how, 'front'));
  return lines.slice(end + 1);
}

/** A block of its lines, marked if one of them is cited. */
function leaf(node, lines, how) {
  const [first, last] = [lines[0].number, lines.at(-1).number];
  if (how.cited.some(([a, b]) => a <= last && b >= first)) node.classList.add('cited');
  return node;
}

function code(lines, how, kind) {
  const inner = el('code');
  for (const line of lines) {
    const row = leaf(el('span', { class: 'line' }), [line], how);
    marked(row, line.text, line.at, how);
    inner.append(row, '\n');
  }
  return el('pre', { class: kind }, inner);
}

function paragraph(lines, how, name = 'p') {
  const node = leaf(el(name), lines, how);
  inline(node, new Span(lines.map((line) => strip(line, 99))), how);
  return node;
}

/** How many columns a line is indented. */
function indent(text) {
  let columns = 0;
  for (const sign of text) {
    if (sign === ' ') columns++;
    else if (sign === '\t') columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** A line without so many columns of blanks. */
function strip(line, columns) {
  let [i, done] = [0, 0];
  for (; i < line.text.length && done < columns; i++) {
    if (line.text[i] === ' ') done++;
    else if (line.text[i] === '\t') done += 4 - (done % 4);
    else break;
  }
  return after(line, i);
}

const after = (line, signs) => ({ ...line, text: line.text.slice(signs), at: line.at + signs });
const blank = (line) => !line || !line.text.trim();
const behindBlanks = (lines, i) => {
  while (i < lines.length && blank(lines[i])) i++;
  return i;
};
const begins = (text) => [ITEM, HEADING, FENCE, QUOTE, RULE].some((pattern) => pattern.test(text));

/** Appends blocks to a node. */
function blocks(node, lines, how, depth) {
  if (depth > DEEPEST) {
    if (lines.some((line) => !blank(line))) node.append(paragraph(lines, how));
    return;
  }
  let i = 0;
  while (i < lines.length) {
    const { text } = lines[i];
    const fence = FENCE.exec(text);
    let end = i + 1;
    if (blank(lines[i])) {
      // Nothing.
    } else if (fence) {
      const close = new RegExp(`^ {0,3}${fence[1][0]}{${fence[1].length},}\\s*$`);
      while (end < lines.length && !close.test(lines[end].text)) end++;
      const inside = lines.slice(i + 1, end).map((line) => strip(line, indent(text)));
      if (inside.length) node.append(code(inside, how));
      end++;
    } else if (indent(text) >= 4) {
      while (end < lines.length && (blank(lines[end]) || indent(lines[end].text) >= 4)) end++;
      while (blank(lines[end - 1])) end--;
      node.append(code(lines.slice(i, end).map((line) => strip(line, 4)), how));
    } else if (HEADING.test(text)) {
      heading(node, lines[i], how);
    } else if (RULE.test(text)) {
      node.append(el('hr'));
    } else if (QUOTE.test(text)) {
      while (end < lines.length && (QUOTE.test(lines[end].text) || !(blank(lines[end]) || begins(lines[end].text)))) end++;
      const quote = el('blockquote');
      blocks(quote, lines.slice(i, end).map((line) => after(line, QUOTE.exec(line.text)?.[0].length ?? 0)), how, depth + 1);
      node.append(quote);
    } else if (ITEM.test(text)) {
      end = list(node, lines, i, how, depth);
    } else if (text.includes('|') && lines[end]?.text.includes('-') && DELIMITERS.test(lines[end].text.slice(0, 2000))) {
      while (end < lines.length && lines[end].text.includes('|')) end++;
      node.append(table(lines.slice(i, end), how));
    } else if (text.trimStart().startsWith('<!--')) {
      while (end < lines.length && !lines[end - 1].text.includes('-->')) end++;
      if (!lines[end - 1].text.includes('-->')) node.append(paragraph(lines.slice(i, end = i + 1), how));
      else if (!lines[end - 1].text.endsWith('-->')) node.append(paragraph(lines.slice(i, end), how));
    } else if (!REFERENCE.test(text)) {
      end = prose(node, lines, i, how);
    }
    i = end;
  }
}

/** Appends a paragraph, or the heading that a line below it makes of it; where it ends. */
function prose(node, lines, i, how) {
  let end = i + 1;
  while (end < lines.length && !blank(lines[end])) {
    const { text } = lines[end];
    if (/^ {0,3}(?:=+|-+)\s*$/.test(text)) {
      const level = text.includes('=') ? '# ' : '## ';
      heading(node, { ...lines[i], text: level + lines.slice(i, end).map((line) => line.text).join(' '), at: lines[i].at - level.length }, how);
      return end + 1;
    }
    const item = ITEM.exec(text);
    if (begins(text) && !(item && item[3] && item[3] !== '1' && !how.breaks)) break;
    end++;
  }
  node.append(paragraph(lines.slice(i, end), how));
  return end;
}

/** Appends a heading one level below that above it at most, so that the outline has no gaps. */
function heading(node, line, how) {
  const marks = HEADING.exec(line.text);
  const level = marks[1].length;
  while (how.headings.length && how.headings.at(-1) >= level) how.headings.pop();
  how.headings.push(level);
  const body = after(line, marks[0].length);
  body.text = body.text.replace(/\s#{1,6}\s*$/, '').trimEnd();
  node.append(paragraph([body], how, `h${Math.min(6, how.level + how.headings.length)}`));
}

/** Appends a list; the line behind it. */
function list(node, lines, i, how, depth) {
  const kind = (item) => item[2] ?? item[4];
  const first = ITEM.exec(lines[i].text);
  const all = first[3] ? el('ol', { start: first[3] }) : el('ul');
  while (i < lines.length) {
    const item = ITEM.exec(lines[i].text);
    if (!item || kind(item) !== kind(first) || RULE.test(lines[i].text)) break;
    const rest = after(lines[i], item[0].length);
    const gap = indent(rest.text);
    const inside = item[0].length + (gap > 4 || blank(rest) ? 1 : gap);
    const own = [strip(rest, inside - item[0].length)];
    let end = i + 1;
    for (; end < lines.length; end++) {
      const line = lines[end];
      if (blank(line)) {
        const next = behindBlanks(lines, end);
        if (next === lines.length || indent(lines[next].text) < inside) break;
        own.push(line);
      } else if (indent(line.text) >= inside) own.push(strip(line, inside));
      else if (!blank(lines[end - 1]) && !begins(line.text)) own.push(line);
      else break;
    }
    const entry = el('li');
    const task = /^\[([ xX])\]\s/.exec(own[0].text);
    if (task) own[0] = after(own[0], task[0].length);
    blocks(entry, own, how, depth + 1);
    if (task) (entry.querySelector(':scope > p') ?? entry).prepend(el('span', { class: 'task' }, task[1] === ' ' ? '☐ ' : '☑ '));
    all.append(entry);
    const next = behindBlanks(lines, end);
    i = next < lines.length && ITEM.test(lines[next].text) ? next : end;
  }
  node.append(all);
  return i;
}

/** A table in a box of its own, which can be moved sideways. */
function table(lines, how) {
  const rows = lines.filter((_, i) => i !== 1).map((line) => [line, cells(line)]);
  const columns = Math.min(rows[0][1].length, 100);
  const row = ([line, all], name) => {
    const node = leaf(el('tr'), [line], how);
    for (let i = 0; i < columns; i++) {
      const cell = el(name, name === 'th' ? { scope: 'col' } : {});
      if (all[i]) inline(cell, new Span([all[i]]), how);
      node.append(name === 'th' && !cell.textContent.trim() ? el('td') : cell);
    }
    return node;
  };
  const body = el('tbody', {}, ...rows.slice(1).map((all) => row(all, 'td')));
  return el('div', { class: 'table' }, el('table', {}, el('thead', {}, row(rows[0], 'th')), body));
}

function cells(line) {
  const edges = [...line.text.matchAll(/\\.|\|/g)].filter((found) => found[0] === '|').map((found) => found.index);
  const all = [];
  let from = 0;
  for (const edge of [...edges, line.text.length]) {
    const cell = strip({ ...after(line, from), text: line.text.slice(from, edge) }, 99);
    all.push({ ...cell, text: cell.text.trimEnd() });
    from = edge + 1;
  }
  if (edges.length && blank(all[0])) all.shift();
  if (edges.length && blank(all.at(-1))) all.pop();
  return all;
}

/** Lines as they are, with what is cited of them. */
function verbatim(text, { line = 1, cited = [], marks = [] }) {
  let at = 0;
  const lines = text.split('\n').map((shown, i) => {
    const start = at;
    at += shown.length + 1;
    return { text: shown.length > LONGEST ? `${shown.slice(0, LONGEST)} …` : shown.replace(/\r$/, ''), at: start, number: line + i };
  });
  return code(lines, { cited, marks }, 'verbatim');
}

// --------------------------------------------------------------------------------------------------- the server's API

/** What went wrong with a request, as the server says it; `status` 0 if there was no reply. */
class Problem extends Error {
  constructor(status, { error, hint } = {}, wait = 0) {
    super(error ?? '');
    Object.assign(this, { status, hint, wait });
  }
}

const stored = (store, key, value) => {
  try {
    if (value === undefined) return store().getItem(`qsearch.${key}`);
    store().setItem(`qsearch.${key}`, value);
  } catch { /* A browser may forbid it; then nothing is kept. */ }
  return null;
};
const session = (key, value) => stored(() => sessionStorage, key, value);
const local = (key, value) => stored(() => localStorage, key, value);

const state = { index: '', token: session('token'), llm: null, reply: null, sentences: [], note: null, blobs: [] };

const apiPath = (path) => `/api/${state.index ? `${encodeURIComponent(state.index)}/` : ''}${path}`;
const notePath = ({ root, path }) => [root, ...path.split('/')].filter((part) => !/^\.{1,2}$/.test(part)).map(encodeURIComponent).join('/');

async function api(path, { body, accept = 'application/json', signal } = {}) {
  const headers = { Accept: accept };
  if (state.token) headers.Authorization = `Bearer ${state.token}`;
  if (body) headers['Content-Type'] = 'application/json';
  const request = { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal, cache: 'no-store' };
  const response = await fetch(apiPath(path), request).catch((error) => {
    throw error.name === 'AbortError' ? error : new Problem(0);
  });
  if (response.ok) return response;
  throw new Problem(response.status, await response.json().catch(() => ({})), Number(response.headers.get('Retry-After')));
}

const json = async (path, options) => (await api(path, options)).json();

/** The events of a reply that comes piece by piece. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest = (rest + value).replace(/\r\n/g, '\n');
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n');
      rest = rest.slice(end + 2);
      const field = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart()).join('\n');
      if (field('data')) yield [field('event'), JSON.parse(field('data'))];
    }
  }
}

// ------------------------------------------------------------------------------------------- what is said besides

let saying;
/** Has a screen reader say something, once nothing newer was to be said for so long. */
function say(text, wait = 0) {
  clearTimeout(saying);
  saying = setTimeout(() => { if (byId('said').textContent !== text) byId('said').textContent = text; }, wait);
}

const sentence = (text) => clean(text).replace(/^./u, (first) => first.toUpperCase()).replace(/[^.!?]$/u, '$&.');

/** Shows what went wrong as a sentence, and how to go on. */
function trouble(problem, again, box = byId('problem')) {
  const { status, hint, message } = problem;
  const lines = [];
  if (!(problem instanceof Problem)) lines.push(`The page failed: ${message}.`, button('Try again', again));
  else if (status === 0) lines.push('The server doesn’t answer. Is qsearch serve still running?', button('Try again', again));
  else if (status === 401) lines.push(tokenForm(again));
  else if (status === 429) {
    const wait = Math.min(Math.max(problem.wait || 1, 1), 30);
    lines.push(`Too many questions at once. The next try is in ${many(wait, 'second')}.`);
    state.retry = setTimeout(again, wait * 1000);
  } else {
    lines.push(status === 503 ? `There is no index to ask. ${sentence(message)}` : sentence(message || `The server failed with status ${status}`));
    if (hint) lines.push(inlined(sentence(hint)));
    if (status >= 500) lines.push(button('Try again', again));
  }
  box.replaceChildren(...lines.map((line) => (line.nodeName === 'FORM' ? line : el('p', {}, line))));
  say('');
}

function settled() {
  clearTimeout(state.retry);
  byId('problem').replaceChildren();
}

function inlined(text) {
  const node = el('span');
  inline(node, new Span([{ text, at: 0 }]), {});
  return node;
}

function keepToken(token) {
  state.token = token;
  session('token', token);
}

function tokenForm(again) {
  const input = el('input', { id: 'token', type: 'password', autocomplete: 'off', required: true });
  const wrong = state.token ? 'The server doesn’t know this token. ' : '';
  const onsubmit = (event) => {
    event.preventDefault();
    keepToken(input.value.trim());
    settled();
    loadStatus();
    again();
  };
  return el('form', { class: 'token', onsubmit }, el('label', { for: 'token' }, `${wrong}This server wants a token; it was shown when the server started.`),
    el('div', { class: 'box' }, input, el('button', { type: 'submit' }, 'Go on')));
}

// ------------------------------------------------------------------------------------------------ question and answer

const box = byId('question');
const OPERATOR = /(^|\s)(-?(?:tag|path|file|title|since|before):(?:"[^"]*"|[^\s"]+))(?=\s|$)/g;
const operators = (question) => [...question.matchAll(OPERATOR)].map((found) => found[2]);
const quoted = (value) => (/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value);

let timer;
function typed() {
  const first = history.state?.typing ? 'replaceState' : 'pushState';
  history[first]({ typing: true }, '', address({ question: box.value }));
  filters();
  clearTimeout(timer);
  state.writing?.abort();
  timer = setTimeout(() => ask(box.value, { slowly: true }), 120);
}

/** Asks; of several questions only the reply to the last one is shown. */
async function ask(question, { write = false, slowly = false } = {}) {
  clearTimeout(timer);
  clearTimeout(state.retry);
  state.asking?.abort();
  state.writing?.abort();
  const asking = new AbortController();
  state.asking = asking;
  document.title = question.trim() ? `${clean(question)} – qsearch` : 'qsearch';
  if (!question.trim()) return show(null);
  say('Searching…');
  try {
    const { signal } = asking;
    const reply = await json('ask', { body: { question, sources: 5 }, signal }).catch(async (problem) => {
      // What only says where to look is no question, but a list of notes.
      if (problem.status !== 400 || !operators(question).length) throw problem;
      return { ...await json('search', { body: { query: question, limit: 20 }, signal }), confidence: 'list' };
    });
    if (signal.aborted) return null;
    settled();
    show({ ...reply, asked: question });
    say(summary(reply), slowly ? 700 : 0);
    if (write && state.llm && reply.answer) await writeAnswer(question);
  } catch (problem) {
    if (asking.signal.aborted) return null;
    byId('reply').hidden = problem.status !== 429 || !state.reply;
    trouble(problem, () => ask(question, { write }));
  }
  return null;
}

const CONFIDENCE = {
  high: 'In your notes’ words',
  low: 'Perhaps. This may well be about something else:',
  none: 'The notes don’t seem to answer this. Nearest:',
  list: 'Notes that fit, the newest first',
};

function summary({ results, confidence }) {
  const sources = results.length ? many(results.length, 'source') : 'No source';
  if (confidence === 'list') return results.length ? many(results.length, 'passage') : 'Nothing fits';
  return confidence === 'none' ? `The notes don’t seem to answer this. ${sources} near it` : `${sources}, answer with ${confidence} confidence`;
}

/** Shows a reply; without one, what can be typed. */
function show(reply) {
  // A note beside the answer to another question would pass for its source.
  if (state.note && state.reply?.asked !== reply?.asked) closePane({ push: false, focus: false });
  state.reply = reply;
  hidePreview();
  byId('empty').hidden = Boolean(reply);
  byId('reply').hidden = !reply;
  filters();
  if (!reply) return settled(), say('');
  const nothing = !reply.results.length;
  byId('answer').dataset.confidence = reply.confidence;
  byId('reply').dataset.asked = reply.asked;
  byId('verdict').textContent = nothing ? 'Nothing in your notes fits this.' : CONFIDENCE[reply.confidence] ?? '';
  const parts = reply.answer?.parts ?? [];
  byId('answer-text').replaceChildren(...parts.map((part) => withCitation(markdown(part.text, { level: 2 }), cite(part.citation, part))));
  const foot = [];
  if (reply.answer?.partial) foot.push('The note goes on.');
  if (reply.not_found?.length) foot.push(`No note has: ${clean(reply.not_found.join(', '))}.`);
  if (reply.excluded?.length) foot.push(`Left out: what has no ${clean(reply.excluded.join(', '))}.`);
  byId('answer-foot').textContent = foot.join(' ');
  widen(byId('answer-text'));
  showSources(reply);
  offerWriting();
}

/** Puts a citation at the end of the last words of what was rendered. */
function withCitation(fragment, mark) {
  const node = el('div', { class: 'part', dir: 'auto' }, fragment);
  let end = node;
  while (end.lastElementChild && ['P', 'UL', 'OL', 'LI', 'BLOCKQUOTE'].includes(end.lastElementChild.nodeName)) end = end.lastElementChild;
  end.append(' ', mark);
  return node;
}

const resultOf = (rank) => state.reply?.results.find((result) => result.rank === rank);
const fileName = ({ path }) => path.split('/').at(-1);
const titleOf = (result) => clean(result.title || fileName(result));
const place = ({ place: at, first_line: first, last_line: last }) => (at ? clean(at.text).replace(/^p(?=\d)/, 'page ') : first === last ? `line ${first}` : `lines ${first}–${last}`);

/** The number of a source behind what it says; hovering or focusing it shows its words. */
function cite(rank, { text, first_line: first, last_line: last }) {
  const result = resultOf(rank);
  const name = result ? `Source ${rank}: ${titleOf(result)}, ${place(result)}` : `Source ${rank}`;
  const node = button(String(rank), () => openSource(rank, [{ text, first, last }]), { class: 'cite', 'aria-label': name });
  node.preview = () => [el('strong', {}, result ? titleOf(result) : name), el('span', { class: 'where' }, result ? `${clean(result.path)} · ${place(result)}` : ''),
    el('q', {}, inlined(text.length > 400 ? `${text.slice(0, 400)} …` : text))];
  return node;
}

/** What is cited of a source: pieces with their lines. */
function citedOf(rank) {
  const { answer } = state.reply ?? {};
  const pieces = (answer?.parts ?? []).filter((part) => part.citation === rank);
  const said = state.sentences.flatMap((one) => one.citations).filter((one) => one.source === rank);
  const { excerpt, ...result } = resultOf(rank) ?? {};
  const all = [...pieces, ...said].length ? [...pieces, ...said] : [excerpt ?? result];
  return all.map(({ text, first_line: first, last_line: last }) => ({ text, first, last }));
}

function showSources(reply) {
  byId('sources').hidden = !reply.results.length;
  byId('sources-title').className = reply.confidence === 'none' ? 'unseen' : '';
  byId('sources-title').textContent = reply.confidence === 'none' ? 'Nearest' : reply.confidence === 'list' ? 'Notes' : 'Sources';
  const focused = document.activeElement.closest('.source')?.dataset.rank;
  byId('list').replaceChildren(...reply.results.map(source));
  current();
  if (focused) byId('list').querySelector(`[data-rank="${focused}"] .title`)?.focus({ preventScroll: true });
}

function source(result) {
  const { rank } = result;
  const excerpt = result.excerpt?.text ?? result.text;
  const marks = citedOf(rank).map(({ text }) => [excerpt.indexOf(text), text.length]).filter(([at, length]) => at >= 0 && length < excerpt.length)
    .map(([at, length]) => [at, at + length]);
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openSource(rank);
  };
  const trail = [result.heading.join(' › '), place(result), result.date].filter(Boolean);
  const note = { root: result.root, path: result.path, first: result.first_line, last: result.last_line };
  return el('li', { class: 'source', 'data-rank': rank },
    el('h3', { dir: 'auto' }, el('a', { class: 'title', href: address({ question: box.value, note }), onclick: open }, el('span', { class: 'rank' }, `${rank} `), titleOf(result))),
    el('p', { class: 'where', dir: 'auto' }, clean(trail.join(' · '))),
    el('p', { class: 'path', dir: 'auto' }, clean(`${result.root}/${result.path}`), result.machine ? ` · on ${clean(result.machine)}, not checked here` : result.stale ? el('strong', {}, ' · has changed since it was indexed') : null),
    result.question ? el('p', { class: 'asked', dir: 'auto' }, inlined(result.question)) : null,
    el('div', { class: 'md excerpt', dir: 'auto' }, markdown(excerpt, { marks, level: 3 })),
    result.also_in?.length ? el('p', { class: 'where', dir: 'auto' }, `The same stands in ${clean(result.also_in.map((one) => one.path).join(', '))}${result.also_in_more ? ` and ${result.also_in_more} more` : ''}`) : null,
    result.tags.length ? el('p', { class: 'chips' }, ...result.tags.slice(0, 6).map((tag) => chip(`tag:${quoted(tag)}`, `#${clean(tag)}`))) : null);
}

/** A button that writes an operator into the question. */
const chip = (operator, shown = operator) => button(shown, () => toggle(operator), { class: 'chip', 'aria-label': `Only notes with ${shown.replace('+ ', '')}` });

function toggle(operator) {
  const there = operators(box.value).includes(operator);
  const rest = box.value.replace(OPERATOR, (whole, before, found) => (found === operator ? before : whole));
  box.value = (there ? rest : `${box.value} ${operator}`).replace(/\s+/g, ' ').trim();
  typed();
  box.focus();
}

/** Chips: the operators that are there, then those that the sources suggest, then those that need a word yet. */
function filters() {
  const active = operators(box.value);
  const results = state.reply?.results ?? [];
  const tags = results.flatMap((result) => result.tags).map((tag) => `tag:${quoted(tag)}`);
  const folders = results.filter((result) => result.path.includes('/')).map((result) => `path:${quoted(`${result.path.split('/')[0]}/**`)}`);
  const suggested = [...new Set([...tags.slice(0, 3), ...folders.slice(0, 3)])].filter((one) => !active.includes(one)).slice(0, 4);
  const start = (operator, shown) => button(shown, () => {
    box.value = `${box.value.trim()} ${operator}`.trimStart();
    box.focus();
    filters();
  }, { class: 'chip', 'aria-label': `Only notes with ${operator}` });
  byId('filters').replaceChildren(
    ...active.map((one) => button(`${clean(one)} ×`, () => toggle(one), { class: 'chip on', 'aria-label': `Remove ${clean(one)}` })),
    ...suggested.map((one) => chip(one, `+ ${clean(one)}`)),
    ...(suggested.some((one) => one.startsWith('tag:')) ? [] : [start('tag:', '+ tag')]),
    ...(suggested.some((one) => one.startsWith('path:')) ? [] : [start('path:', '+ path')]),
    start('since:', '+ since'), start('before:', '+ before'));
}

// ------------------------------------------------------------------------------------------------- the written answer

/** Offers to have an answer written, where a language model is there. */
function offerWriting() {
  state.sentences = [];
  const offered = state.llm && state.reply?.answer;
  byId('written').hidden = !offered;
  byId('written').classList.add('offered');
  if (!offered) return;
  byId('written-text').replaceChildren();
  byId('draft').hidden = true;
  byId('written-foot').textContent = '';
  byId('written-tools').replaceChildren(button(`Have ${clean(state.llm.model)} write an answer`, () => writeAnswer(state.reply.asked)), ' ', el('kbd', {}, 'Enter'));
}

/** Shows sentences as they are written and checked; what is not checked yet is told from the rest. */
async function writeAnswer(question) {
  state.writing?.abort();
  const writing = new AbortController();
  state.writing = writing;
  const draft = byId('draft');
  let [pending, left] = ['', 0];
  const count = () => { byId('written-foot').textContent = left ? `${many(left, 'sentence')} left out, since no source says ${left === 1 ? 'it' : 'them'}.` : ''; };
  const drafted = (text) => {
    pending = text;
    draft.hidden = !pending.trim();
    draft.replaceChildren(el('em', {}, 'Not checked yet: '), clean(pending.trim()));
  };
  offerWriting();
  byId('written').classList.remove('offered');
  byId('written-tools').replaceChildren(button('Stop', () => writing.abort()));
  drafted('…');
  pending = '';
  say('Writing…');
  try {
    const body = { question, sources: 5, write: true };
    const response = await api('ask', { body, accept: 'text/event-stream', signal: writing.signal });
    for await (const [event, data] of events(response)) {
      if (event === 'sources') showSources(Object.assign(state.reply, { results: data.results }));
      else if (event === 'delta') drafted(pending + data.text);
      else if (event === 'sentence') {
        const at = pending.indexOf(data.text);
        drafted(at >= 0 ? pending.slice(at + data.text.length) : behindSentence(pending));
        addSentence(data);
      } else if (event === 'left_out') {
        left++;
        drafted(behindSentence(pending));
        count();
      } else if (event === 'error') throw new Problem(200, data);
      else if (event === 'done') written(data);
    }
  } catch (problem) {
    const stopped = writing.signal.aborted;
    if (stopped && state.writing !== writing) return;
    const hint = problem.hint ? ` ${sentence(problem.hint)}` : '';
    byId('written-foot').textContent = stopped ? 'Stopped.' : `No answer was written: ${problem.message || 'the server doesn’t answer'}.${hint}`;
    say(byId('written-foot').textContent);
  }
  if (state.writing !== writing) return;
  draft.hidden = true;
  byId('written-tools').replaceChildren(button('Write again', () => writeAnswer(question)));
}

const behindSentence = (text) => text.replace(/^\s*(?:[^]*?[.!?]["')\]]?(?=\s)|.*)/, '');

/** The whole of it, as it was checked. */
function written({ answer, writing }) {
  const sentences = answer?.sentences ?? [];
  if (sentences.map((one) => one.text).join('\n') !== state.sentences.map((one) => one.text).join('\n')) {
    byId('written-text').replaceChildren();
    state.sentences = [];
    sentences.forEach(addSentence);
  }
  showSources(state.reply);
  const left = writing?.left_out ?? 0;
  const foot = [];
  if (writing?.declined && !state.sentences.length) foot.push('The model says that the sources don’t answer this.');
  else if (!state.sentences.length) foot.push('Nothing that was written is said by a source.');
  if (left) foot.push(`${many(left, 'sentence')} left out, since no source says ${left === 1 ? 'it' : 'them'}.`);
  if (writing?.broken_off) foot.push(`It ends early: ${clean(writing.broken_off)}.`);
  if (writing?.error) foot.push(sentence(writing.error));
  if (writing?.model) foot.push(`Written by ${clean(writing.model)}.`);
  byId('written-foot').textContent = foot.join(' ');
  say(`Written answer finished: ${many(state.sentences.length, 'sentence')}`);
}

/** Adds a sentence, with words that tell how its sources say it. */
function addSentence(data) {
  const all = byId('written-text');
  const { before, text, support, citations } = data;
  const item = /(?:^|\n)\s*(?:[-*+]|\d+[.)])\s*$/.test(before);
  if (!all.lastElementChild || before.includes('\n') || item) all.append(el('p', { class: item ? 'item' : null, dir: 'auto' }));
  state.sentences.push(data);
  const how = support === 'quoted' ? 'quoted' : 'near: in other words';
  all.lastElementChild.append(el('span', { class: `said ${support}` }, inlined(text), '\u00a0', el('small', {}, how), ...citations.map((one) => cite(one.source, one))), ' ');
}

// ---------------------------------------------------------------------------------------------------- the note's pane

const narrow = matchMedia('(max-width: 899px)');
const pane = byId('pane');
const AROUND = 400;

function openSource(rank, cited = citedOf(rank)) {
  const result = resultOf(rank);
  if (!result) return;
  const last = Math.max(...cited.map((one) => one.last));
  const page = result.place?.first.kind === 'page' ? result.place.first.number : null;
  openNote({ root: result.root, path: result.path, first: Math.min(...cited.map((one) => one.first)), last, page, rank, cited });
}

/** Opens a note beside the answer, at what is cited of it. */
async function openNote(note, { push = true, raw = false } = {}) {
  state.opening?.abort();
  const opening = new AbortController();
  state.opening = opening;
  hidePreview();
  if (push) history.pushState({}, '', address({ question: box.value, note }));
  state.note = note;
  // A note that has become shorter is shown from its beginning.
  const span = note.whole ? '' : note.page ? `page=${note.page}` : `lines=${Math.max(1, note.first - (note.around ?? AROUND))}-${note.last + (note.around ?? AROUND)}`;
  try {
    const found = await json(`notes/${notePath(note)}?${span}`, { signal: opening.signal });
    if (opening.signal.aborted) return;
    settled();
    showNote(note, found, raw);
  } catch (problem) {
    if (!opening.signal.aborted && problem.status === 404 && !note.whole) openNote({ ...note, whole: true }, { push: false, raw });
    else if (!opening.signal.aborted) trouble(problem, () => openNote(note, { push: false }), byId(pane.hidden ? 'problem' : 'pane-body'));
  }
}

function showNote(note, found, raw) {
  pane.hidden = false;
  document.body.classList.add('open');
  modal();
  byId('pane-title').textContent = titleOf(found);
  const here = found.places?.find((one) => one.first_line <= note.first && one.last_line >= note.first);
  const about = [`${found.root}/${found.path}`, found.date, here ? placeName(here) : '', ...found.tags.slice(0, 8).map((tag) => `#${tag}`)];
  byId('pane-about').textContent = clean(about.filter(Boolean).join(' · '));
  const asIs = raw || ['rst', 'org', 'restructuredtext'].includes(found.kind?.toLowerCase());
  byId('pane-tools').replaceChildren(...noteTools(note, found, here, asIs).flatMap((tool) => [tool, ' ']));
  for (const url of state.blobs.splice(0)) URL.revokeObjectURL(url);
  const body = byId('pane-body');
  body.replaceChildren();
  if (found.machine) body.append(el('p', { class: 'stale' }, `This note is on ${clean(found.machine)}, not checked here; this is what the index has of it.`));
  if (found.stale) body.append(el('p', { class: 'stale' }, 'This note has changed since it was indexed; what is marked may stand elsewhere.'));
  if (found.text === null || found.text === undefined) body.append(el('p', {}, 'The note can’t be read now.'));
  else body.append(...noteText(note, found, asIs));
  body.setAttribute('aria-label', `Text of ${titleOf(found)}`);
  widen(body);
  current();
  const mark = body.querySelector('mark') ?? body.querySelector('.cited');
  if (mark) mark.scrollIntoView({ block: 'center' });
  else body.scrollTop = 0;
  if (!note.quiet) byId('pane-title').focus({ preventScroll: true });
}

/** The text of a note with what is cited marked, and buttons for what lies before and behind. */
function noteText(note, found, asIs) {
  const line = found.lines?.first ?? 1;
  const { text } = found;
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const marks = [];
  for (const one of note.cited ?? []) {
    const at = one.text ? text.indexOf(one.text, starts[one.first - line] ?? 0) : -1;
    if (at >= 0 && at <= (starts[one.last - line] ?? text.length)) marks.push([at, at + one.text.length]);
  }
  const cited = (note.cited ?? [{ first: note.first, last: note.last }]).map((one) => [one.first, one.last]);
  const how = { line, cited, marks, level: 2, breaks: found.kind === 'text', link: (target, label) => noteLink(found, target, label), image: pictures(found) };
  const more = (shown) => button(shown, () => openNote({ ...note, around: (note.around ?? AROUND) * 5, quiet: true }, { push: false, raw: asIs }), { class: 'more' });
  const cut = !note.page && (found.lines?.last ?? 0) >= note.last + (note.around ?? AROUND);
  return [
    line > 1 && !note.page ? more('Show more of what stands before') : null,
    asIs ? verbatim(text, how) : el('article', { class: 'md', dir: 'auto' }, markdown(text, how)),
    cut ? more('Show more of what follows') : null,
    found.truncated ? el('p', { class: 'aside' }, 'The note is long and goes on here.') : null,
  ].filter(Boolean);
}

const placeName = ({ text, label }) => clean(`${text.replace(/^p(?=\d)/, 'page ')}${label ? ` (${label})` : ''}`);

function noteTools(note, found, here, asIs) {
  const tools = [];
  const count = state.reply?.results.length ?? 0;
  const step = (shown, name, onclick) => button(shown, onclick, { 'aria-label': name, title: name, disabled: !onclick });
  if (note.rank && count > 1) {
    const to = (rank) => (resultOf(rank) ? () => openSource(rank) : null);
    tools.push(el('span', { class: 'steps' }, step('‹', 'Previous source', to(note.rank - 1)), `Source ${note.rank} of ${count}`, step('›', 'Next source', to(note.rank + 1))));
  }
  const at = here ? found.places.indexOf(here) : -1;
  if (at >= 0 && found.places.length > 1) {
    const to = (other) => other && (() => {
      const page = /^p(\d+)$/.exec(other.text)?.[1];
      const again = state.note.rank ? citedOf(state.note.rank) : [];
      const cited = again.filter((one) => one.first <= other.last_line && one.last >= other.first_line);
      openNote({ ...note, page, first: other.first_line, last: other.last_line, cited });
    });
    tools.push(el('span', { class: 'steps' }, step('‹', 'Previous place', to(found.places[at - 1])), `${placeName(here)} of ${found.places.length}`, step('›', 'Next place', to(found.places[at + 1]))));
  }
  const names = { obsidian: 'Obsidian', vscode: 'VS Code', file: 'Editor' };
  const opens = Object.entries(found.links_to ?? {}).filter(([kind, url]) => names[kind] && /^(?:obsidian|vscode|file):/.test(url ?? ''));
  const copied = (node, text) => say(node.textContent = text);
  const copy = ({ target }) => navigator.clipboard.writeText(found.absolute_path).then(() => copied(target, 'Copied'), () => copied(target, 'Not copied'));
  if (opens.length && navigator.clipboard && found.absolute_path) opens.push(['copy', copy]);
  if (opens.length) tools.push(el('span', { class: 'opens' }, 'Open in ', ...opens.flatMap(([kind, href]) => [kind === 'copy' ? button('Copy path', href) : el('a', { href }, names[kind]), ' '])));
  if (found.file) tools.push(theFile(note, found));
  tools.push(button(asIs ? 'Rendered' : 'As written', () => openNote({ ...note, quiet: true }, { push: false, raw: !asIs })));
  return tools;
}

/** Leads to the file itself; a token can't go along with a link, so then it is fetched. */
function theFile(note, found) {
  const href = `${apiPath(`notes/${notePath(found)}`)}?file=1${note.page ? `#page=${note.page}` : ''}`;
  if (!state.token) return el('a', { href, target: '_blank', rel: 'noopener' }, 'The file itself');
  return button('Save the file', async () => {
    try {
      const url = URL.createObjectURL(await (await api(`notes/${notePath(found)}?file=1`)).blob());
      el('a', { href: url, download: fileName(found) }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
    } catch (problem) {
      trouble(problem, () => {});
    }
  });
}

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A link to another note, if the index knows which one is meant. */
function noteLink(found, target, label) {
  const [name] = target.split('#');
  const link = (found.links ?? []).find((one) => one.path && one.target && [name, target, decoded(name)].includes(one.target));
  if (!link) return null;
  const note = { root: found.root, path: link.path, first: 1, last: 1, cited: [] };
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openNote(note);
  };
  return el('a', { href: address({ question: box.value, note }), onclick }, clean(label || name));
}

/** The path that a path in a note means, within its root; null if it leads out. */
function resolved(from, target) {
  const parts = target.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of target.split(/[\\/]/)) {
    if (part === '..' && !parts.length) return null;
    if (part === '..') parts.pop();
    else if (part && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Makes pictures of a note's folder; each is fetched, so that nothing but this server is ever asked. */
function pictures(found) {
  let left = 40;
  return (target, alt) => {
    if (/^[a-z][a-z\d+.-]*:|^[\\/]{2}/i.test(clean(target).trim()) || left-- <= 0) return null;
    const name = decoded(target.split(/[?#]/)[0]);
    const paths = [...new Set([resolved(found.path, name), resolved('', name)])].filter(Boolean);
    const picture = el('img', { alt, hidden: true });
    const words = el('span', { class: 'unlinked' }, `Picture: ${alt}`);
    const fetched = async () => {
      for (const path of paths) {
        const response = await api(`files/${notePath({ root: found.root, path })}`).catch(() => null);
        const type = response?.headers.get('Content-Type') ?? '';
        if (!type.startsWith('image/')) continue;
        picture.src = URL.createObjectURL(await response.blob());
        state.blobs.push(picture.src);
        picture.hidden = false;
        words.remove();
        return;
      }
    };
    fetched();
    return el('span', {}, picture, words);
  };
}

/** Lets the keyboard reach what can be moved sideways. */
function widen(node) {
  for (const wide of node.querySelectorAll('pre, .table')) {
    if (wide.scrollWidth <= wide.clientWidth) continue;
    wide.tabIndex = 0;
    wide.setAttribute('role', 'group');
    wide.setAttribute('aria-label', wide.nodeName === 'PRE' ? 'Code' : 'Table');
  }
}

/** On a narrow screen the pane lies over the page, so what is below it is out of reach. */
function modal() {
  const over = narrow.matches && !pane.hidden;
  for (const id of ['top', 'main', 'foot']) byId(id).inert = over;
}

/** Tells which source is open. */
function current() {
  for (const item of byId('list').children) {
    const link = item.querySelector('.title');
    if (state.note && Number(item.dataset.rank) === state.note.rank) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

function closePane({ push = true, focus = true } = {}) {
  state.opening?.abort();
  const rank = state.note?.rank;
  state.note = null;
  pane.hidden = true;
  document.body.classList.remove('open');
  modal();
  current();
  if (push) history.pushState({}, '', address({ question: box.value }));
  if (focus) (byId('list').querySelector(`[data-rank="${rank}"] .title`) ?? box).focus();
}

// ------------------------------------------------------------------------------------------------------- the preview

const preview = byId('preview');
let previewed = null;
let waiting;

function showPreview(node) {
  clearTimeout(waiting);
  if (previewed === node) return;
  hidePreview();
  previewed = node;
  preview.replaceChildren(...node.preview());
  preview.hidden = false;
  node.setAttribute('aria-describedby', 'preview');
  movePreview();
}

/** Puts the preview beside its citation. */
function movePreview() {
  if (!previewed) return;
  const at = previewed.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = preview;
  const below = at.bottom + 6 + height < innerHeight || at.top < height + 6;
  preview.style.left = `${Math.max(8, Math.min(at.left - 12, document.documentElement.clientWidth - width - 8))}px`;
  preview.style.top = `${below ? at.bottom + 6 : at.top - height - 6}px`;
}

function hidePreview() {
  clearTimeout(waiting);
  previewed?.removeAttribute('aria-describedby');
  previewed = null;
  preview.hidden = true;
}

/** It stays while the pointer is on it or on its citation. */
function hovered({ target }) {
  const node = target instanceof Element ? target.closest('.cite') : null;
  if (node) {
    clearTimeout(waiting);
    waiting = setTimeout(() => node.isConnected && showPreview(node), 120);
  } else if (previewed && !preview.contains(target) && document.activeElement !== previewed) {
    clearTimeout(waiting);
    waiting = setTimeout(hidePreview, 250);
  } else clearTimeout(waiting);
}

// ----------------------------------------------------------------------------------------------- address, keys, status

/** The address of a question, and of a note beside it. */
function address({ question, note }) {
  const all = new URLSearchParams();
  if (question?.trim()) all.set('q', question);
  if (state.index) all.set('index', state.index);
  if (note) {
    all.set('note', `${note.root}/${note.path}`);
    all.set('lines', `${note.first}-${note.last}`);
    if (note.page) all.set('page', note.page);
  }
  return String(all) ? `/?${all}` : '/';
}

/** Shows what the address says: at the beginning, and when one goes back. */
async function follow() {
  const all = new URLSearchParams(location.search);
  const question = all.get('q') ?? '';
  const index = all.get('index') ?? '';
  const other = index !== state.index;
  state.index = index;
  if (other) loadStatus();
  const asked = other || state.reply?.asked !== question || !question;
  box.value = question;
  if (asked) await ask(question);
  filters();
  const [root, ...path] = (all.get('note') ?? '').split('/');
  if (!path.length) return void (pane.hidden || closePane({ push: false }));
  const [first, last] = (all.get('lines') ?? '').split('-').map((text) => Math.max(1, parseInt(text, 10) || 1));
  const note = { root, path: path.join('/'), first, last: Math.max(first, last ?? first), page: parseInt(all.get('page'), 10) || null };
  const result = state.reply?.results.find((one) => one.root === root && one.path === note.path && citedOf(one.rank).some((piece) => piece.first <= note.last && piece.last >= note.first));
  openNote(result ? { ...note, rank: result.rank, cited: citedOf(result.rank) } : note, { push: false });
}

const singles = () => local('single') !== 'off';

function key(event) {
  const { key: sign, target } = event;
  const titles = [...byId('list').querySelectorAll('.title')];
  const at = titles.indexOf(document.activeElement);
  const typing = target.matches?.('input:not([type=checkbox]), select, textarea');
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || byId('keys').open) return;
  if (sign === 'Escape') {
    if (!preview.hidden) hidePreview();
    else if (!pane.hidden) closePane();
    else if (target !== box) box.focus();
    else return;
  } else if ((sign === 'ArrowDown' || sign === 'ArrowUp') && titles.length && (target === box || at >= 0)) {
    const next = titles[at + (sign === 'ArrowDown' ? 1 : -1)];
    if (next) next.focus();
    else if (sign === 'ArrowUp') box.focus();
  } else if (typing || !singles()) return;
  else if (sign === '/') {
    box.focus();
    box.select();
  } else if (sign === '?') byId('keys').showModal();
  else if (/^[1-9]$/.test(sign)) openSource(Number(sign));
  else if ((sign === 'n' || sign === 'p') && state.note?.rank) openSource(state.note.rank + (sign === 'n' ? 1 : -1));
  else return;
  event.preventDefault();
}

const THEMES = ['system', 'light', 'dark'];
function theme(name) {
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  byId('theme').textContent = `Theme: ${name}`;
  local('theme', name);
}

/** When something was, in words. */
function ago(seconds) {
  const passed = Date.now() / 1000 - seconds;
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
    if (passed >= length) return words.format(-Math.floor(passed / length), unit);
  }
  return 'just now';
}

let looked = 0;
async function loadStatus(quick = true) {
  looked = Date.now();
  try {
    const status = await json(quick ? 'status?quick=1' : 'status');
    const late = !state.llm && status.llm;
    state.llm = status.llm;
    showStatus(status);
    if (late) offerWriting();
    if (quick) await loadStatus(false);
  } catch (problem) {
    if (!quick) return;
    byId('status').textContent = problem.status === 401 ? '' : 'What is indexed isn’t known now.';
    if (problem.status && !box.value) trouble(problem, () => loadStatus());
  }
}

/** The line at the foot: what is indexed, what has changed since, and what to type then. */
function showStatus(status) {
  const shell = (text) => (/^[\w./~-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`);
  const select = byId('index');
  const names = status.indexes ?? [];
  byId('index-label').hidden = names.length < 2;
  if (names.length !== select.options.length) select.replaceChildren(...names.map((name) => el('option', { value: name }, clean(name))));
  select.value = status.name;
  const parts = [many(status.files, 'note'), many(status.passages, 'passage'), `indexed ${ago(status.indexed_at)}`];
  if (status.llm) parts.push(`${clean(status.llm.model)} writes`);
  const changes = [['changed', 'changed'], ['new', 'new'], ['vanished', 'gone']].map(([field, word]) => [status[field] ?? [], word]).filter(([all]) => all.length);
  const line = el('p', {}, parts.join(' · '));
  byId('status').replaceChildren(line);
  if (status.writer) line.append(` · ${clean(status.writer)}`);
  if (status.waiting) line.append(` · ${many(status.waiting, 'note')} still to be read`);
  if (status.pending) line.append(` · ${many(status.pending, 'note')} found by words alone`);
  for (const root of status.roots.filter((one) => one.error)) line.append(` · ${clean(root.name)}: ${clean(root.error)}`);
  if (!changes.length) return void (status.stale === false && line.append(' · up to date'));
  line.append(` · since then ${changes.map(([all, word]) => `${all.length} ${word}`).join(', ')}: `, el('code', {}, `qsearch index --index ${shell(status.index)}`));
  const listed = changes.flatMap(([all, word]) => all.slice(0, 20).map((note) => el('li', {}, clean(`${note.root}/${note.path}`), ` (${word})`)));
  byId('status').append(el('details', {}, el('summary', {}, 'Which notes'), el('ul', {}, ...listed)));
}

// ------------------------------------------------------------------------------------------------------------- start

function start() {
  const given = /^#token=(.+)$/.exec(location.hash);
  if (given) keepToken(decoded(given[1]));
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  theme(THEMES.includes(local('theme')) ? local('theme') : 'system');
  byId('single').checked = singles();
  box.addEventListener('input', typed);
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (history.state?.typing) history.replaceState({}, '', address({ question: box.value }));
    ask(box.value, { write: true });
  });
  byId('home').addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState({}, '', address({}));
    follow().then(() => box.focus());
  });
  byId('theme').addEventListener('click', () => theme(THEMES[(THEMES.indexOf(local('theme') ?? 'system') + 1) % THEMES.length]));
  byId('help').addEventListener('click', () => byId('keys').showModal());
  byId('single').addEventListener('change', ({ target }) => local('single', target.checked ? 'on' : 'off'));
  byId('close').addEventListener('click', () => closePane());
  byId('index').addEventListener('change', ({ target }) => {
    state.index = target.value;
    state.reply = null;
    history.pushState({}, '', address({ question: box.value }));
    loadStatus();
    ask(box.value);
  });
  document.addEventListener('keydown', key);
  document.addEventListener('pointerover', hovered);
  document.addEventListener('focusin', ({ target }) => (target.preview ? showPreview(target) : hidePreview()));
  document.addEventListener('scroll', movePreview, true);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && Date.now() - looked > 15000) loadStatus(); });
  narrow.addEventListener('change', modal);
  addEventListener('popstate', follow);
  addEventListener('resize', () => ['answer-text', 'pane-body'].forEach((id) => widen(byId(id))));
  loadStatus();
  follow();
  if (!narrow.matches) box.focus();
}

start();
