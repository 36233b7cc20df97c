// A question and its answer: as one types, by keys, with filters, and in the address.

import { ask, focused, must, text, until } from './desk.mjs';

const PUMP = 'how often is the pump serviced';
const BEANS = 'how deep are beans sown';

export const checks = {
  async 'it says what to type, and asks nothing before'(desk) {
    const page = await desk.page();
    must(await page.isVisible('#empty') && !await page.isVisible('#reply'), 'no advice at the beginning');
    must(await focused(page) === 'question', 'the box has no focus');
    await until('the status is there', async () => /31 notes · \d+ passages · indexed .*up to date/.test(await text(page, '#status')));
    must(!page.noted.requests.some((url) => url.includes('/api/ask')), 'it asked for nothing');
    await desk.leave(page);
  },

  async 'the answer comes while one types, once for a word typed fast'(desk) {
    const page = await desk.page();
    await page.locator('#question').pressSequentially(PUMP, { delay: 15 });
    await until('the answer is there', async () => (await text(page, '#answer-text')).includes('every two thousand hours'));
    must(await text(page, '#verdict') === 'In your notes’ words', 'no word of how sure it is');
    const asked = page.noted.requests.filter((url) => url.includes('/api/ask')).length;
    must(asked >= 1 && asked <= 3, `${asked} requests for ${PUMP.length} keys`);
    must((await page.title()).startsWith(PUMP), 'the title has no question');
    const source = await text(page, '.source >> nth=0');
    for (const part of ['The pump', 'The pump › Service', '2024-05-02', 'vault/mill/pump.md', 'lines ', '#mill']) {
      must(source.includes(part), `the source lacks ${part}: ${source}`);
    }
    must((await page.locator('.source mark').allInnerTexts()).join(' ').includes('two thousand hours'), 'the words of the answer aren’t marked');
    await until('the end is said', () => page.evaluate(() => /^\d+ sources?, answer with high confidence$/.test(window.heard.at(-1))));
    must(await page.evaluate(() => window.heard.filter((said) => said === 'Searching…').length <= 2), 'a screen reader hears each key');
    must(await page.evaluate(() => !document.querySelector('#answer[aria-live], #reply [aria-live], main[aria-live]')), 'the answer is read out as it comes');
    await desk.leave(page);
  },

  async 'a late reply to an older question is dropped'(desk) {
    const page = await desk.page();
    let late = 0;
    await page.route('**/api/ask', async (route) => {
      if (route.request().postData().includes('beans')) {
        late++;
        await new Promise((next) => setTimeout(next, 900));
      }
      await route.continue().catch(() => {});
    });
    await page.fill('#question', BEANS);
    await until('the first is asked', () => late);
    await ask(page, PUMP);
    await page.waitForTimeout(1200);
    must((await text(page, '#answer-text')).includes('two thousand hours'), 'the older answer came over the newer one');
    await desk.leave(page);
  },

  async 'it tells in words how sure it is'(desk) {
    const page = await desk.page();
    await ask(page, 'who invented the telephone');
    must(await text(page, '#verdict') === 'The notes don’t seem to answer this. Nearest:', await text(page, '#verdict'));
    must(await page.isHidden('#answer-text'), 'an answer is shown all the same');
    await until('that is said', () => page.evaluate(() => window.heard.at(-1).startsWith('The notes don’t seem to answer this.')));
    await ask(page, 'who looks after the garden');
    must((await text(page, '#verdict')).startsWith('Perhaps.') && await page.isVisible('#answer-text'), await text(page, '#verdict'));
    await ask(page, 'tag:nowhere how deep are beans sown');
    must(await text(page, '#verdict') === 'Nothing in your notes fits this.' && await page.isHidden('#sources'), 'sources of nothing');
    await desk.leave(page);
  },

  async 'the keyboard reaches everything'(desk) {
    const page = await desk.page();
    await ask(page, PUMP);
    await page.keyboard.press('ArrowDown');
    must(await page.evaluate(() => document.activeElement.closest('.source')?.dataset.rank === '1'), '↓ leads to the first source');
    await page.keyboard.press('ArrowDown');
    must(await page.evaluate(() => document.activeElement.closest('.source')?.dataset.rank === '2'), '↓ leads on');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await until('Enter opens', () => page.isVisible('#pane'));
    must(await focused(page) === 'pane-title', 'the note has the focus');
    await page.keyboard.press('n');
    await until('n leads to the next source', async () => (await text(page, '#pane-tools')).includes('Source 2 of'));
    await page.keyboard.press('p');
    await until('p leads back', async () => (await text(page, '#pane-tools')).includes('Source 1 of'));
    await page.keyboard.press('Escape');
    must(await page.isHidden('#pane'), 'Esc closes the note');
    must(await page.evaluate(() => document.activeElement.closest('.source')?.dataset.rank === '1'), 'the focus is back on the source');
    await page.keyboard.press('2');
    await until('2 opens the second source', async () => await page.isVisible('#pane') && (await text(page, '#pane-tools')).includes('Source 2 of'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    must(await focused(page) === 'question', 'Esc leads back to the question');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('/');
    must(await focused(page) === 'question' && await page.inputValue('#question') === PUMP, '/ leads to the question');
    await page.locator('#question').pressSequentially('?1/');
    must((await page.inputValue('#question')).endsWith('?1/') && await page.isHidden('#pane'), 'keys in the box are text');
    await desk.leave(page);
  },

  async 'keys that are a single sign can be turned off'(desk) {
    const page = await desk.page();
    await ask(page, PUMP);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('?');
    must(await page.isVisible('#keys'), '? shows the keys');
    await page.uncheck('#single');
    await page.keyboard.press('Escape');
    must(await page.isHidden('#keys'), 'Esc closes them');
    await page.focus('.title');
    await page.keyboard.press('1');
    await page.keyboard.press('/');
    must(await page.isHidden('#pane') && await focused(page) !== 'question', 'they still work');
    await page.reload();
    await page.click('#help');
    must(!await page.isChecked('#single'), 'that is forgotten');
    await desk.leave(page);
  },

  async 'chips write filters into the question, and take them out'(desk) {
    const page = await desk.page();
    await ask(page, 'how long does a bucket last');
    await page.click('#filters >> text="+ tag:mill"');
    must(await page.inputValue('#question') === 'how long does a bucket last tag:mill', await page.inputValue('#question'));
    await until('only such notes are shown', async () => {
      const paths = await page.locator('.path').allInnerTexts();
      return paths.length && paths.every((path) => path.includes('/mill/'));
    });
    await page.click('#filters >> text="tag:mill ×"');
    must(await page.inputValue('#question') === 'how long does a bucket last', 'the filter stays');
    await page.click('#filters >> text="+ since"');
    must(await page.inputValue('#question') === 'how long does a bucket last since:' && await focused(page) === 'question', 'since: is to be gone on with');
    await page.locator('#question').pressSequentially('2023-01');
    await until('it is a filter now', () => page.isVisible('#filters >> text="since:2023-01 ×"'));
    await ask(page, 'tag:garden');
    must(await text(page, '#verdict') === 'Notes that fit, the newest first', 'filters alone list notes');
    must((await page.locator('.path').allInnerTexts()).every((path) => path.includes('/garden/')), 'other notes are listed');
    await desk.leave(page);
  },

  async 'the address carries the question, and back goes back'(desk) {
    const page = await desk.page();
    const length = () => page.evaluate(() => history.length);
    await page.locator('#question').pressSequentially(PUMP, { delay: 5 });
    await until('the address has it', () => new URL(page.url()).searchParams.get('q') === PUMP);
    must(await length() <= 4, 'each key is a step of its own');
    await page.press('#question', 'Enter');
    await ask(page, BEANS, { enter: true });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until('the note is open', () => page.isVisible('#pane'));
    must(new URL(page.url()).searchParams.get('note') === 'vault/garden/beans.md', page.url());
    const shared = page.url();
    await page.goBack();
    await until('back closes the note', () => page.isHidden('#pane'));
    must(await page.inputValue('#question') === BEANS, 'back lost the question');
    await page.goBack();
    await until('back brings the question before', async () => await page.inputValue('#question') === PUMP && (await text(page, '#answer-text')).includes('two thousand hours'));
    await page.goForward();
    await until('forward goes forward', async () => await page.inputValue('#question') === BEANS);
    await page.goto(shared);
    await until('the address opens all of it', async () => await page.isVisible('#pane') && await page.inputValue('#question') === BEANS && (await text(page, '#answer-text')).includes('three centimetres'));
    must(await page.locator('#pane-body mark').count() > 0, 'and marks what is cited');
    await desk.leave(page);
  },

  async 'one of several indexes can be chosen'(desk) {
    desk.run('--index', 'garden-index', 'index', 'vault/garden');
    const server = await desk.serve('--also', 'other=garden-index');
    const page = await desk.page({ server });
    await ask(page, PUMP);
    await until('both are named', async () => (await page.locator('#index option').allInnerTexts()).join() === 'default,other');
    await page.selectOption('#index', 'other');
    await until('the other one is asked', () => page.noted.requests.some((url) => url.endsWith('/api/other/ask')));
    await ask(page, BEANS);
    must((await page.locator('.path').allInnerTexts()).every((path) => path.startsWith('garden/')), 'notes of the first are found');
    must(new URL(page.url()).searchParams.get('index') === 'other', page.url());
    await page.click('.title');
    await until('a note of it is shown', async () => (await text(page, '#pane-body')).includes('three centimetres'));
    await page.reload();
    await until('it is chosen still', async () => await page.inputValue('#index') === 'other' && await page.isVisible('#pane'));
    await page.goto(`${server}/?q=${encodeURIComponent(PUMP)}`);
    await until('another address leads to the first', async () => await page.inputValue('#index') === 'default' && (await text(page, '#answer-text')).includes('two thousand hours'));
    await desk.leave(page);
  },

  async 'the theme can be chosen, and stays'(desk) {
    const page = await desk.page();
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.click('#theme');
    must(await paper() === light && await text(page, '#theme') === 'Theme: light', 'light is light');
    await page.click('#theme');
    must(await paper() !== light, 'dark is dark');
    await page.reload();
    must(await text(page, '#theme') === 'Theme: dark' && await paper() !== light, 'it doesn’t stay');
    await desk.leave(page);
  },
};
