// What is cited: the preview of a citation, and the note beside the answer.

import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, focused, must, text, until } from './desk.mjs';

const PUMP = 'how often is the pump serviced';

/** Whether something stands within the part of the pane that can be seen. */
const inSight = (page, selector) => page.evaluate((found) => {
  const [one, body] = [document.querySelector(found)?.getBoundingClientRect(), document.getElementById('pane-body').getBoundingClientRect()];
  return Boolean(one) && one.top >= body.top && one.bottom <= body.bottom;
}, selector);

async function open(page, question, rank = '1') {
  await ask(page, question);
  await page.focus('#home');
  await page.keyboard.press(rank);
  await until('the note is open', () => page.isVisible('#pane'));
}

export const checks = {
  async 'a citation is previewed, by pointer and by keyboard'(desk) {
    const page = await desk.page();
    await ask(page, PUMP);
    await page.hover('.cite');
    await until('hovering shows the words', async () => await page.isVisible('#preview') && (await text(page, '#preview')).includes('two thousand hours'));
    must((await text(page, '#preview')).includes('mill/pump.md'), 'it doesn’t say where');
    await page.hover('#preview');
    await page.waitForTimeout(500);
    must(await page.isVisible('#preview'), 'it goes away under the pointer');
    await page.keyboard.press('Escape');
    must(await page.isHidden('#preview'), 'Esc leaves it open');
    await page.mouse.move(5, 700);
    await page.focus('.cite');
    must(await page.isVisible('#preview') && await page.getAttribute('.cite', 'aria-describedby') === 'preview', 'focus shows nothing');
    await page.keyboard.press('Escape');
    must(await page.isHidden('#preview') && await focused(page) === 'cite', 'Esc moves the focus');
    await page.focus('#question');
    await page.hover('.cite');
    await until('it comes again', () => page.isVisible('#preview'));
    await page.mouse.move(5, 700);
    await until('it goes with the pointer', () => page.isHidden('#preview'));
    await page.click('.cite');
    await until('a click opens the note', () => page.isVisible('#pane'));
    await desk.leave(page);
  },

  async 'a note is rendered, and what is cited of it is marked and in sight'(desk) {
    const page = await desk.page({ height: 480 });
    await open(page, PUMP);
    must(await text(page, '#pane-title') === 'The pump', 'no title');
    must((await page.locator('#pane-body mark').allInnerTexts()).join('').includes('every two thousand hours'), 'nothing is marked');
    must(await inSight(page, '#pane-body mark'), 'what is marked is out of sight');
    for (const [selector, what] of [['h3', 'The pump'], ['h4', 'Service'], ['p.cited strong', 'impeller'], ['li a', 'the log'], ['td', 'seal'], ['pre code', 'pump --stop'], ['a[rel~=noopener]', 'maker']]) {
      must((await page.locator(`#pane-body ${selector}`).allInnerTexts()).some((shown) => shown.includes(what)), `${selector} isn’t ${what}`);
    }
    const width = () => page.evaluate(() => document.querySelector('#pane-body img')?.naturalWidth);
    await until('the picture is there', async () => await width() === 320);
    must(await page.evaluate(() => document.querySelector('#pane-body img').alt === 'The pump in its shed'), 'it has no words');
    const links = await page.locator('.opens a').evaluateAll((all) => all.map((link) => [link.textContent, link.protocol]));
    must(JSON.stringify(links) === JSON.stringify([['Obsidian', 'obsidian:'], ['VS Code', 'vscode:'], ['Editor', 'file:']]), JSON.stringify(links));
    await page.click('#pane-tools >> text="As written"');
    await until('it is shown as written', async () => (await text(page, '#pane-body pre.verbatim')).includes('the **impeller** only'));
    must(await page.locator('#pane-body mark').count() > 0, 'and marked');
    await desk.leave(page);
  },

  async 'links lead from note to note, and back'(desk) {
    const page = await desk.page();
    await open(page, PUMP);
    await page.click('#pane-body >> text="the note of the wheel"');
    await until('the other note is open', async () => await text(page, '#pane-title') === 'The wheel');
    must((await text(page, '#pane-body')).includes('thirty-two buckets'), 'it is empty');
    await page.goBack();
    await until('back leads back', async () => await text(page, '#pane-title') === 'The pump');
    await desk.leave(page);
  },

  async 'another question closes the note of the one before'(desk) {
    const page = await desk.page();
    await open(page, PUMP);
    await ask(page, 'how deep are beans sown');
    must(await page.isHidden('#pane') && await focused(page) === 'question', 'it stays beside the other answer');
    await page.goBack();
    await until('back brings both', async () => await page.isVisible('#pane') && await page.inputValue('#question') === PUMP);
    await until('with the answer', async () => (await text(page, '#answer-text')).includes('two thousand hours'));
    await desk.leave(page);
  },

  async 'a page of a PDF, and the pages beside it'(desk) {
    const page = await desk.page();
    await open(page, 'how is the sluice gate greased');
    must((await text(page, '#pane-about')).includes('page 2'), await text(page, '#pane-about'));
    must((await page.locator('#pane-body mark').allInnerTexts()).join('').includes('greased with tallow'), 'nothing is marked');
    must(!(await text(page, '#pane-body')).includes('ground corn'), 'another page is shown as well');
    await page.click('[aria-label="Next place"]');
    await until('the next page is shown', async () => (await text(page, '#pane-body')).includes('cellar floods'));
    must((await text(page, '#pane-tools')).includes('page 3 of 3') && await page.isDisabled('[aria-label="Next place"]'), 'it is not the last');
    must(await page.locator('#pane-body mark').count() === 0, 'what isn’t cited is marked');
    await page.click('[aria-label="Previous place"]');
    await until('the page before is back, marked', async () => await page.locator('#pane-body mark').count() > 0);
    const href = await page.getAttribute('#pane-tools >> text="The file itself"', 'href');
    must(href.endsWith('?file=1#page=2'), href);
    const file = await page.request.get(new URL(href, desk.url).href);
    must(file.headers()['content-type'] === 'application/pdf' && (await file.body()).subarray(0, 5).toString() === '%PDF-', 'that isn’t it');
    must(file.headers()['x-content-type-options'] === 'nosniff', 'its type can be guessed');
    await desk.leave(page);
  },

  async 'a long note is opened where it is cited, and goes on when asked to'(desk) {
    const page = await desk.page();
    await open(page, 'where did the hedgehog move');
    must(await inSight(page, '#pane-body :is(mark, .cited)'), 'what is cited is out of sight');
    const items = () => page.locator('#pane-body li').count();
    const before = await items();
    must(before < 1500, `all of its ${before} lines are rendered`);
    await page.click('#pane-body >> text="Show more of what stands before"');
    await until('there is more', async () => await items() > before);
    must(await inSight(page, '#pane-body :is(mark, .cited)'), 'what is cited is out of sight then');
    await desk.leave(page);
  },

  async 'notes of other kinds'(desk) {
    const page = await desk.page();
    for (const [question, path, words] of [
      ['when is compost turned', 'garden/plain.txt', 'turned twice in summer'],
      ['how is a swarm of bees caught', 'garden/bees.org', 'in the evening with a skep'],
      ['how fast does sandy soil dry', 'garden/soil.html', 'dries within two days'],
      ['how many kilograms of quinces', 'garden/harvest.csv', 'quinces'],
    ]) {
      await ask(page, question);
      const at = (await page.locator('.path').allInnerTexts()).findIndex((found) => found.includes(path));
      must(at >= 0, `${path} isn’t found`);
      await page.click(`.source >> nth=${at} >> .title`);
      await until(`${path} is shown`, async () => (await text(page, '#pane-about')).includes(path) && (await text(page, '#pane-body')).includes(words));
      must(await page.locator('#pane-body :is(mark, .cited)').count() > 0, `nothing of ${path} is marked`);
    }
    await desk.leave(page);
  },

  async 'a note that has gone, or become shorter, is told of'(desk) {
    const page = await desk.page({ path: '/?note=vault/mill/nothing.md&lines=3-4' });
    await until('it is told', async () => (await text(page, '#problem')).length > 10);
    await page.goto(`${desk.url}/?note=vault/mill/log.md&lines=9000-9001`);
    await until('it is shown from its beginning', async () => await page.isVisible('#pane') && (await text(page, '#pane-body')).includes('2011 hours'));
    await page.goto(`${desk.url}/?note=${encodeURIComponent('vault/../../etc/passwd')}&lines=1-1`);
    await until('no other file is shown', async () => (await text(page, '#problem')).length > 10);
    await desk.leave(page);
  },

  async 'what has changed since is told, with the command that mends it'(desk) {
    const path = join(desk.folder, 'vault/mill/log.md');
    const before = readFileSync(path);
    writeFileSync(path, '# Log\n\nNothing.\n');
    try {
      const page = await desk.page();
      await until('the status tells it', async () => /since then 1 changed: qsearch index --index \S*index/.test(await text(page, '#status')));
      await page.click('#status summary');
      must((await text(page, '#status')).includes('vault/mill/log.md (changed)'), 'it doesn’t name the note');
      await ask(page, 'when was the pump serviced at 2011 hours');
      await until('the source says it', async () => (await text(page, '#list')).includes('has changed since it was indexed'));
      await desk.leave(page);
    } finally {
      writeFileSync(path, before);
      desk.run('index');
    }
  },
};
