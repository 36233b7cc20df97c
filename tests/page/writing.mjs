// The answer that a language model writes below the one in the notes' own words.

import { ask, must, text, until } from './desk.mjs';

const PUMP = 'how often is the pump serviced';
const SAID = 'The pump is taken apart and serviced every two thousand hours. The pump lifts water out of the tail race into the garden. A duke from Denmark bought the pump. Beans are made of glass.';
const finished = (page) => until('it is finished', async () => (await text(page, '#written-tools')).includes('Write again'));

export const checks = {
  async 'an answer is written on Enter, and each sentence says how it is founded'(desk) {
    const page = await desk.page();
    desk.model.say(SAID);
    const before = desk.model.asked;
    await ask(page, PUMP);
    must(desk.model.asked === before && (await text(page, '#written')).includes('Have scripted write an answer'), 'it is written unasked');
    await page.press('#question', 'Enter');
    await finished(page);
    const sentences = await page.locator('.said').allInnerTexts();
    must(sentences.length === 2, `${sentences.length} sentences: ${sentences.join(' | ')}`);
    must(/two thousand hours.*\bquoted\s*\d/s.test(sentences[0]), sentences[0]);
    must(/out of the tail race.*near: in other words\s*\d/s.test(sentences[1]), sentences[1]);
    must(!(await text(page, '#written')).includes('duke'), 'what no source says is shown');
    must((await text(page, '#written-foot')).includes('2 sentences left out, since no source says them.'), await text(page, '#written-foot'));
    must(await page.isHidden('#draft'), 'the draft stays');
    must((await text(page, '#answer-text')).includes('two thousand hours'), 'the answer in the notes’ words is gone');
    await until('the end is said', () => page.evaluate(() => window.heard.at(-1) === 'Written answer finished: 2 sentences'));
    must(await page.evaluate(() => !window.heard.some((said) => said.includes('hours'))), 'the words are read out as they come');
    await page.focus('.said .cite');
    must((await text(page, '#preview')).includes('taken apart and serviced'), 'its citation shows nothing');
    await page.keyboard.press('Enter');
    await until('and opens nothing', () => page.isVisible('#pane'));
    must((await page.locator('#pane-body mark').allInnerTexts()).join('').includes('taken apart and serviced'), 'the sentence isn’t marked in its note');
    await desk.leave(page);
  },

  async 'what isn’t checked yet is told from the rest'(desk) {
    const page = await desk.page();
    desk.model.say(SAID, 90);
    await ask(page, PUMP, { enter: true });
    await until('the draft is there', async () => await page.isVisible('#draft') && (await text(page, '#draft')).startsWith('Not checked yet: '));
    await until('a sentence is there before the end', async () => await page.locator('.said').count() === 1 && await page.isVisible('#draft'));
    await page.click('#written-tools >> text="Stop"');
    await until('it stops', async () => await text(page, '#written-foot') === 'Stopped.' && await page.isHidden('#draft'));
    must(await page.locator('.said').count() >= 1, 'what was founded is gone');
    await desk.leave(page);
  },

  async 'another question ends the writing'(desk) {
    const page = await desk.page();
    desk.model.say(SAID, 200);
    await ask(page, PUMP, { enter: true });
    await until('it is writing', () => page.isVisible('#draft'));
    await ask(page, 'how deep are beans sown');
    await page.waitForTimeout(600);
    must(await page.isHidden('#draft') && await page.locator('.said').count() === 0, 'the older answer goes on');
    must((await text(page, '#answer-text')).includes('three centimetres'), 'the new answer is missing');
    await desk.leave(page);
  },

  async 'a model that fails is told of, and takes nothing away'(desk) {
    const page = await desk.page();
    desk.model.status = 500;
    await ask(page, PUMP, { enter: true });
    await until('it is told', async () => (await text(page, '#written-foot')).length > 10 && await page.isHidden('#draft'));
    must((await text(page, '#answer-text')).includes('two thousand hours') && await page.locator('.source').count() > 0, 'the answer is gone');
    desk.model.say('A duke from Denmark bought the pump.');
    await page.click('#written-tools >> text="Write again"');
    await until('nothing is left of it', async () => (await text(page, '#written-foot')).includes('1 sentence left out, since no source says it.'));
    must(await page.locator('.said').count() === 0, 'something is left');
    await desk.leave(page);
  },
};
