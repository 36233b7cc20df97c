// What goes wrong, as sentences.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, must, text, until } from './desk.mjs';

const PUMP = 'how often is the pump serviced';
const reply = (status, body, headers = {}) => (route) => route.fulfill({ status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });

async function after(page, handler, words) {
  await page.route('**/api/ask', handler);
  await page.fill('#question', PUMP);
  await until(`"${words}" is shown`, async () => (await text(page, '#problem')).includes(words));
  await page.unroute('**/api/ask', handler);
}

const answered = (page) => until('it is answered then', async () => (await text(page, '#answer-text')).includes('two thousand hours') && await text(page, '#problem') === '');

export const checks = {
  async 'a server that is gone'(desk) {
    const page = await desk.page();
    await after(page, (route) => route.abort(), 'The server doesn’t answer. Is qsearch serve still running?');
    await page.click('#problem >> text="Try again"');
    await answered(page);
    await desk.leave(page);
  },

  async 'too many questions'(desk) {
    const page = await desk.page();
    await after(page, reply(429, { error: 'too many', kind: 'busy', hint: null }, { 'Retry-After': '1' }), 'Too many questions at once. The next try is in 1 second.');
    await answered(page);
    await desk.leave(page);
  },

  async 'no index'(desk) {
    const page = await desk.page();
    await after(page, reply(503, { error: 'no index at /notes', kind: 'not_found', hint: 'type `qsearch index`' }), 'There is no index to ask. No index at /notes.');
    must((await text(page, '#problem')).includes('Type qsearch index.'), 'it doesn’t say what to do');
    await page.click('#problem >> text="Try again"');
    await answered(page);
    await desk.leave(page);
  },

  async 'a question that can’t be understood'(desk) {
    const page = await desk.page();
    await after(page, reply(400, { error: '<b>since</b> needs a day', kind: 'usage', hint: 'write since:2024-06' }), '<b>since</b> needs a day. Write since:2024-06.'.slice(0, 24));
    await ask(page, PUMP, { enter: true });
    await answered(page);
    await desk.leave(page);
  },

  async 'a token is asked for once, and taken from the address'(desk) {
    const server = await desk.serve('--token-file', 'token');
    const token = readFileSync(join(desk.folder, 'token'), 'utf8').trim();
    const page = await desk.page({ server });
    await until('it is asked for', () => page.isVisible('#token'));
    await page.fill('#question', PUMP);
    await until('it is asked for still', () => page.isVisible('#token'));
    await page.fill('#token', 'wrong');
    await page.press('#token', 'Enter');
    await until('a wrong one is told', async () => (await text(page, '#problem')).includes('doesn’t know this token'));
    await page.fill('#token', token);
    await page.press('#token', 'Enter');
    await answered(page);
    must(/31 notes/.test(await text(page, '#status')), 'the status isn’t told');
    await page.reload();
    await answered(page);
    must(await page.isHidden('#token'), 'it is asked for again');
    await page.click('.title');
    await until('pictures come with it', () => page.evaluate(() => document.querySelector('#pane-body img')?.naturalWidth > 0));
    await page.keyboard.press('Escape');
    await ask(page, 'when does the cellar flood');
    await page.click('.title');
    const saved = page.waitForEvent('download');
    await page.click('#pane-tools >> text="Save the file"');
    must((await saved).suggestedFilename() === 'handbook.pdf', 'the file can’t be saved');
    await desk.leave(page);
    const other = await desk.page({ server, path: `/?q=${encodeURIComponent(PUMP)}#token=${encodeURIComponent(token)}` });
    await answered(other);
    must(!other.url().includes('token') && !(await other.evaluate(() => JSON.stringify(history.state))).includes(token), other.url());
    await desk.leave(other);
  },
};
