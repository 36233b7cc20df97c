// Runs the checks of the page one after the other; each prints a line, and what fails says why.

import { Desk } from './desk.mjs';
import * as asking from './asking.mjs';
import * as reading from './reading.mjs';
import * as writing from './writing.mjs';
import * as trouble from './trouble.mjs';
import * as markdown from './markdown.mjs';
import * as hostile from './hostile.mjs';
import * as looks from './looks.mjs';

const [program, ...names] = process.argv.slice(2);
if (!program) {
  console.error('usage: check.mjs PROGRAM [NAME...]');
  process.exit(2);
}

const checks = [asking, reading, writing, trouble, markdown, hostile, looks].flatMap((module) => Object.entries(module.checks));
const chosen = checks.filter(([name]) => !names.length || names.some((part) => name.includes(part)));
const stop = setTimeout(() => {
  console.error('the checks take too long');
  process.exit(1);
}, 600_000);

const desk = await Desk.open(program);
let failed = 0;
for (const [name, check] of chosen) {
  const began = Date.now();
  try {
    await check(desk);
    console.log(`ok      ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error.stack ?? error}`);
    await desk.clear();
  }
}
await desk.close();
clearTimeout(stop);
console.log(failed ? `${failed} of ${chosen.length} checks of the page failed` : `${chosen.length} checks of the page passed`);
process.exit(failed ? 1 : 0);
