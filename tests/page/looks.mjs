// How the page looks: on narrow screens, in the dark, to axe; and pictures to look at.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask, must, text, until } from './desk.mjs';

const PUMP = 'how often is the pump serviced';
const SAID = 'The pump is taken apart and serviced every two thousand hours. The pump lifts water out of the tail race into the garden. A duke from Denmark bought the pump. Beans are made of glass.';

/** The states of the page, each reached from the one before. */
const STATES = [
  ['empty', async () => {}],
  ['answer', (page) => ask(page, PUMP)],
  ['written', async (page) => {
    await page.press('#question', 'Enter');
    await until('it is written', async () => (await text(page, '#written-tools')).includes('Write again'));
  }],
  ['preview', (page) => page.focus('.cite')],
  ['note', async (page) => {
    await page.keyboard.press('Enter');
    await until('the note is open', () => page.isVisible('#pane'));
  }],
  ['verbatim', (page) => page.click('#pane-tools >> text="As written"')],
  ['pdf', async (page) => {
    await page.keyboard.press('Escape');
    await ask(page, 'when does the cellar flood tag:none OR path:mill/**');
    await ask(page, 'when does the cellar flood');
    await page.click('.title');
    await until('the page is open', async () => (await text(page, '#pane-about')).includes('page 3'));
  }],
  ['none', async (page) => {
    await page.keyboard.press('Escape');
    await ask(page, 'who invented the telephone');
  }],
  ['keys', async (page) => {
    await page.click('#help');
  }],
  ['trouble', async (page) => {
    await page.keyboard.press('Escape');
    await page.route('**/api/ask', (route) => route.fulfill({ status: 401, body: '{}' }));
    await page.fill('#question', 'anything else');
    await until('a token is asked for', () => page.isVisible('#token'));
  }],
];

/** Pictures go where PAGE_PICTURES says, if it says anything. */
async function picture(page, name) {
  const folder = process.env.PAGE_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** What can be pressed and is smaller than WCAG 2.2 wants; links within a sentence may be. */
const small = () => [...document.querySelectorAll('button, a, select, input, summary')].filter((node) => {
  const { width, height } = node.getBoundingClientRect();
  return width && height && (width < 24 || height < 24) && !node.closest('.md') && getComputedStyle(node).display !== 'inline';
}).map((node) => `${node.outerHTML.slice(0, 80)} ${node.getBoundingClientRect().width}×${node.getBoundingClientRect().height}`);

/** What sticks out of the window sideways. */
const wide = () => {
  const inside = (node) => node.closest('pre, .table, .unseen');
  const out = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !inside(node));
  return document.documentElement.scrollWidth > innerWidth || out.length ? [`${document.documentElement.scrollWidth} px`, ...out.slice(0, 3).map((node) => node.outerHTML.slice(0, 80))] : [];
};

const look = (width, dark) => async (desk) => {
  desk.model.say(SAID);
  const page = await desk.page({ width, dark });
  for (const [name, reach] of STATES) {
    await reach(page);
    const what = `${name}, ${width} px${dark ? ', dark' : ''}`;
    await until('it is at rest', () => page.evaluate(() => document.getAnimations().length === 0));
    await desk.axe(page, what);
    must(!(await page.evaluate(wide)).length, `${what} is too wide: ${(await page.evaluate(wide)).join(' ')}`);
    must(!(await page.evaluate(small)).length, `${what} has small targets: ${(await page.evaluate(small)).join(', ')}`);
    await picture(page, `${name}-${width}${dark ? '-dark' : ''}`);
  }
  await desk.leave(page);
};

export const checks = {
  'axe, width and targets: 1280 px': look(1280, false),
  'axe, width and targets: 1280 px, dark': look(1280, true),
  'axe, width and targets: 768 px': look(768, false),
  'axe, width and targets: 320 px': look(320, false),
  'axe, width and targets: 360 px': look(360, false),
  'axe, width and targets: 360 px, dark': look(360, true),

  async 'on a narrow screen a note lies over the page, and the keyboard stays in it'(desk) {
    const page = await desk.page({ width: 360, height: 700 });
    await ask(page, PUMP);
    await page.click('.title');
    await until('the note is open', () => page.isVisible('#pane'));
    must(await page.evaluate(() => document.elementFromPoint(180, 350).closest('#pane') !== null), 'it doesn’t cover the page');
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press('Tab');
      must(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('#pane') !== null), 'the focus leaves it');
    }
    await page.goBack();
    await until('back closes it', () => page.isHidden('#pane'));
    must(await page.evaluate(() => !document.getElementById('main').inert), 'the page stays out of reach');
    await desk.leave(page);
  },

  async 'words that are longer than a line stay inside'(desk) {
    for (const width of [320, 900, 1280]) {
      const page = await desk.page({ width });
      await ask(page, 'what are thistles');
      must((await text(page, '.path >> nth=0')).includes('longlong'), 'the note isn’t found');
      must(!(await page.evaluate(wide)).length, `${width} px: ${(await page.evaluate(wide)).join(' ')}`);
      await page.focus('.cite');
      must(!(await page.evaluate(wide)).length, `preview, ${width} px: ${(await page.evaluate(wide)).join(' ')}`);
      await page.click('.title');
      await until('the note is open', () => page.isVisible('#pane'));
      must(!(await page.evaluate(wide)).length, `note, ${width} px: ${(await page.evaluate(wide)).join(' ')}`);
      await desk.axe(page, `long words, ${width} px`);
      await picture(page, `long-${width}`);
      await desk.leave(page);
    }
  },

  async 'at 200 % and with large text nothing is lost'(desk) {
    const page = await desk.page({ width: 640, height: 480 });
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    await ask(page, PUMP);
    must(!(await page.evaluate(wide)).length, (await page.evaluate(wide)).join(' '));
    await page.click('.title');
    await until('the note is open', () => page.isVisible('#pane'));
    must(!(await page.evaluate(wide)).length, (await page.evaluate(wide)).join(' '));
    await desk.leave(page);
  },
};
