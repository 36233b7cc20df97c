// What every check needs: notes, a server of them, a language model, a browser, and an account of what it did.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startModel } from './model.mjs';
import { writeNotes } from './vault.mjs';

const packages = createRequire(`${resolve(process.env.PAGE_PACKAGES)}/`);
const { chromium } = packages('playwright-core');
const AXE = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');

/** What the page may ask for, besides pictures that it has made itself. */
const ALLOWED = /^\/(?:(?:\?.*)?$|assets\/page\.(?:css|js)$|favicon\.ico$|api\/(?:other\/)?(?:status|ask|search|notes\/|files\/))/;

/** A check has failed. */
export function must(truth, what) {
  if (!truth) throw new Error(what);
}

/** Waits until something is true. */
export async function until(what, probe, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    must(Date.now() < end, `it never came true that ${what}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

const freePort = () => new Promise((found) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => found(port));
  });
});

const servers = [];
process.on('exit', () => servers.forEach((server) => server.kill()));

export class Desk {
  /** Writes and indexes the notes, and starts server, language model and browser. */
  static async open(program) {
    const desk = new Desk();
    desk.program = resolve(program);
    desk.folder = mkdtempSync(join(tmpdir(), 'qsearch-page-'));
    writeNotes(join(desk.folder, 'vault'));
    desk.model = await startModel();
    desk.run('index', 'vault');
    desk.url = await desk.serve();
    const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
    desk.browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    return desk;
  }

  environment() {
    return { PATH: process.env.PATH, HOME: this.folder, QSEARCH_INDEX: join(this.folder, 'index'), QSEARCH_LLM: `${this.model.url}/v1#scripted` };
  }

  run(...args) {
    const { status, stderr } = spawnSync(this.program, args, { cwd: this.folder, env: this.environment(), encoding: 'utf8' });
    must(status === 0 || status === 2, `qsearch ${args.join(' ')}: ${stderr}`);
  }

  /** Starts a server with more arguments; its address. */
  async serve(...args) {
    const port = await freePort();
    const child = spawn(this.program, ['serve', '--port', String(port), ...args], { cwd: this.folder, env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    child.said = '';
    child.stdout.on('data', (data) => { child.said += data; });
    child.stderr.on('data', (data) => { child.said += data; });
    servers.push(child);
    const url = `http://127.0.0.1:${port}`;
    await until(`${url} answers`, async () => {
      must(child.exitCode === null, `the server has ended: ${child.said}`);
      return fetch(`${url}/api/health`).then((response) => response.status < 500, () => false);
    });
    return url;
  }

  /** A page in a window of its own, whose doings are noted: requests, dialogs, errors, what the policy refused. */
  async page({ width = 1280, height = 860, dark = false, path = '/', server = this.url } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.noted = { requests: [], strange: [], dialogs: [], errors: [] };
    context.on('request', (request) => {
      const url = request.url();
      page.noted.requests.push(url);
      const own = url.startsWith(`${server}/`) && ALLOWED.test(url.slice(server.length));
      if (!own && !url.startsWith(`blob:${server}`)) page.noted.strange.push(url);
    });
    context.on('page', (other) => page.noted.strange.push(`a window: ${other.url()}`));
    page.on('dialog', (dialog) => {
      page.noted.dialogs.push(dialog.message());
      dialog.dismiss();
    });
    page.on('pageerror', (error) => page.noted.errors.push(error.stack));
    await page.addInitScript(() => {
      window.refused = [];
      window.heard = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => window.refused.push(`${violatedDirective} ${blockedURI}`));
      document.addEventListener('DOMContentLoaded', () => {
        const said = document.getElementById('said');
        if (said) new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true, characterData: true, subtree: true });
      });
    });
    await page.goto(server + path);
    return page;
  }

  /** Fails if a page did what it may not; closes it. */
  async leave(page) {
    const { strange, dialogs, errors } = page.noted;
    const refused = await page.evaluate(() => window.refused);
    for (const [what, all] of Object.entries({ 'asked for': strange, 'showed a dialog': dialogs, 'failed with': errors, 'was refused': refused })) {
      must(!all.length, `the page ${what} ${all.join(', ')}`);
    }
    await this.clear();
  }

  /** Closes all pages. */
  async clear() {
    for (const context of this.browser.contexts()) {
      for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    }
  }

  /** What axe finds wrong with a page as it is. */
  async axe(page, what) {
    await page.evaluate(AXE);
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
    const all = found.violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.slice(0, 3).map((node) => node.html).join(' ')}`);
    must(!all.length, `axe, ${what}: ${all.join('\n  ')}`);
    must(found.passes.length > 20, 'axe has looked at nothing');
  }

  async close() {
    await this.browser?.close();
    for (const child of servers) child.kill();
    this.model?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Types a question and waits for its reply. */
export async function ask(page, question, { enter = false } = {}) {
  await page.fill('#question', question);
  if (enter) await page.press('#question', 'Enter');
  await until(`"${question}" is answered`, () => page.evaluate((asked) => document.title.startsWith(asked) && !document.getElementById('reply').hidden
    && document.getElementById('reply').dataset.asked === asked, question));
}

export const text = (page, selector) => page.locator(selector).innerText();
export const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.className);
