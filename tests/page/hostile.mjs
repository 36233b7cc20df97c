// Notes that try to run something, to load something, or to pass for something else.

import { ask, must, text, until } from './desk.mjs';
import { ELSEWHERE, HOSTILE } from './vault.mjs';

/** What must not be anywhere in the page, and what links may not lead to. */
const harm = () => {
  const found = [];
  const all = document.body.querySelectorAll('*');
  for (const node of all) {
    if (/^(?:script|iframe|object|embed|base|meta|link|svg|math|style|template|textarea|plaintext)$/.test(node.localName)) found.push(`<${node.localName}>`);
    if (node.localName === 'form' && !['form'].includes(node.id) && !node.closest('dialog')) found.push('a form');
    for (const { name, value } of node.attributes) {
      if (name.startsWith('on') || name === 'style' && !node.matches('#preview') || name === 'srcdoc' || name === 'formaction') found.push(`${node.localName} ${name}=${value}`);
      if (name === 'src' && !value.startsWith('blob:')) found.push(`src=${value}`);
      if (name === 'href' && !/^(?:https?:|mailto:|obsidian:|vscode:|file:)$/.test(node.protocol)) found.push(`href=${value}`);
    }
  }
  if (window.pwned !== undefined) found.push('something ran');
  if (/[\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)) found.push('text is turned round');
  if (document.getElementById('question')?.localName !== 'input') found.push('the box is another');
  return found;
};

/** Points at and focuses everything that a note has brought in. */
const provoke = () => {
  for (const node of document.querySelectorAll('#list *, #pane-body *, #answer *')) {
    for (const kind of ['pointerover', 'mouseover', 'mouseenter', 'focus', 'load', 'error', 'toggle']) node.dispatchEvent(new Event(kind, { bubbles: true }));
  }
};

const notes = Object.fromEntries(HOSTILE.map(({ name, question }, i) => [`hostile note ${i + 1}, ${name}`, async (desk) => {
  const page = await desk.page();
  await ask(page, question);
  await page.evaluate(provoke);
  must(await page.locator('.source').count() > 0, 'nothing is found');
  let found = await page.evaluate(harm);
  must(!found.length, `as a source: ${found.join(', ')}`);
  const path = `vault/hostile/${name}`;
  await page.goto(`${desk.url}/?${new URLSearchParams({ q: question, note: path, lines: '1-3' })}`);
  await until('the note is open', async () => await page.isVisible('#pane') && (await text(page, '#pane-about')).includes(path));
  await page.evaluate(provoke);
  await page.click('#pane-title');
  await page.waitForTimeout(60);
  found = await page.evaluate(harm);
  must(!found.length, `rendered: ${found.join(', ')}`);
  must((await text(page, '#pane-body')).trim().length > 5, 'it isn’t shown');
  await page.click('#pane-tools >> text="As written"');
  await until('it is shown as written', () => page.locator('#pane-body pre.verbatim').count());
  found = await page.evaluate(harm);
  must(!found.length, `as written: ${found.join(', ')}`);
  must(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it is wider than the window');
  must(!page.noted.requests.some((url) => url.startsWith(ELSEWHERE)), 'it has asked elsewhere');
  await desk.leave(page);
}]));

export const checks = {
  ...notes,

  async 'a hostile address'(desk) {
    const mark = '<img src=x onerror=alert(1)>';
    for (const all of [{ q: mark }, { q: `tag:"${mark}" how deep are beans sown` }, { q: 'beans', note: `//elsewhere.test/${mark}`, lines: '1-2' }, { q: 'beans', note: 'vault/../../api/status', lines: '-5-x' },
      { q: 'beans', index: '../..' }, { q: 'beans', index: '//elsewhere.test' }, { q: 'beans', index: mark }, { note: 'javascript:alert(1)/x', lines: '1', page: '9'.repeat(400) }]) {
      const page = await desk.page({ path: `/?${new URLSearchParams(all)}#${mark}` });
      await until('it is at rest', async () => await page.isVisible('#reply') || await page.isVisible('#empty') || (await text(page, '#problem')).length > 10);
      await page.evaluate(provoke);
      const found = await page.evaluate(harm);
      must(!found.length, `${JSON.stringify(all)}: ${found.join(', ')}`);
      // Within this server, an address may lead to nothing.
      page.noted.strange = page.noted.strange.filter((url) => !url.startsWith(`${desk.url}/`));
      await desk.leave(page);
    }
  },
};
