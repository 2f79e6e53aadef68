// From the drop of a picture to the verdict on the page, in a real Chromium: `npm run build && node bench/page.mjs`.
//   [--rounds 15]
// It takes Debian's chromium. A time ends when the browser has painted the verdict. The service is the one that
// `countersign serve` starts; each picture is new to it and to the browser.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { Rng } from '../dist/core/rng.js';
import { signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';
import { servePage } from '../scripts/serve-page.mjs';
import { machine, median, row, spread } from './report.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const rounds = Number(values.rounds);
/** Not counted: scripts and pages of memory come in. */
const WARM_UP = 3;

/** For the page: from the first file that comes to the frame that shows the verdict. */
const WATCH = `globalThis.times = new Promise((done) => {
  let dropped;
  addEventListener('change', () => { dropped ??= performance.now(); }, { capture: true, once: true });
  const observer = new MutationObserver(() => {
    if (document.querySelector('.verdict:not(.stale)') === null) return;
    observer.disconnect();
    const inDocument = performance.now() - dropped;
    requestAnimationFrame(() => setTimeout(() => done({ inDocument, painted: performance.now() - dropped })));
  });
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['class'] });
}); undefined`;

const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const signatures = await sign();
const service = await servePage(join(folder, 'store'), 'bench');
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
let made = 0;
try {
  console.log(machine());
  console.log(`from the drop to the painted verdict, ${rounds} rounds each; Chromium ${browser.version()}`);
  row('', 'dropped', 'median ms (spread)', 'until the verdict is in the document');
  const pictures = {
    'scan, PNG': scan,
    'photo of 0.9 MB, 4.3 megapixels': photo,
    'photo of 12 megapixels': largePhoto,
  };
  for (const [by, prepare] of Object.entries({ service: () => undefined, 'browser alone': compareHere })) {
    const page = await open();
    await prepare(page);
    for (const [name, make] of Object.entries(pictures)) {
      const [first, second] = await Promise.all(signatures.map(make));
      row(by, `${name}, beside a reference`, ...(await time(page, first, second, dropQuestioned)));
      row(by, `${name}, with its reference`, ...(await time(page, first, second, dropBoth)));
    }
    await page.close();
  }
} finally {
  await browser.close();
  service.child.kill('SIGTERM');
  await once(service.child, 'exit');
  rmSync(folder, { recursive: true });
}

/** @returns cells of a row */
async function time(page, reference, questioned, drop) {
  const [painted, inDocument] = [[], []];
  for (let round = -WARM_UP; round < rounds; round++) {
    await drop(page, fresh(reference), fresh(questioned));
    const times = await page.evaluate('globalThis.times');
    if (round >= 0) {
      painted.push(times.painted);
      inDocument.push(times.inDocument);
    }
    await page.getByAltText('Questioned signature, cleaned').waitFor(); // nothing of it is at work any more
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByText('The verdict appears here').waitFor();
  }
  return [`${median(painted).toFixed(0)} (${spread(painted)})`, median(inDocument).toFixed(0)];
}

/** The reference lies there already, and was seen. */
async function dropQuestioned(page, reference, questioned) {
  await page.getByLabel('Files of references').setInputFiles(reference);
  await page.getByAltText('Reference 1, cleaned').waitFor();
  await page.evaluate(WATCH);
  await page.getByLabel('Files of the questioned signature').setInputFiles(questioned);
}

/** Both at once, as far as hands can. */
async function dropBoth(page, reference, questioned) {
  await page.evaluate(WATCH);
  await Promise.all([
    page.getByLabel('Files of references').setInputFiles(reference),
    page.getByLabel('Files of the questioned signature').setInputFiles(questioned),
  ]);
}

async function open() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(service.address);
  await page.getByText('bench', { exact: true }).waitFor();
  return page;
}

async function compareHere(page) {
  await page.getByRole('switch').click();
  await page.getByText('The verdict appears here').waitFor();
}

/** The same picture in another file: a few bytes behind its end make it new. */
function fresh({ bytes, ending }) {
  const file = join(folder, `${++made}.${ending}`);
  writeFileSync(file, Buffer.concat([bytes, Buffer.from(`${made}`)]));
  return file;
}

/** Two signatures of one writer. */
function sign() {
  const writer = createWriter(new Rng(1), 1);
  return Promise.all(['reference', 'questioned'].map((name) => encodePng(signGenuine(writer, new Rng(name)))));
}

async function scan(signature) {
  return { bytes: signature, ending: 'png' };
}

/** As a phone sends it, on paper that the sensor's noise covers. */
async function photo(signature) {
  const size = { width: 2400, height: 1800 };
  const noise = { type: 'gaussian', mean: 225, sigma: 9 };
  const paper = await sharp({ create: { ...size, channels: 3, background: '#ddd', noise } })
    .png()
    .toBuffer();
  const bytes = await sharp(signature)
    .resize({ ...size, fit: 'contain', background: '#fff' })
    .toColourspace('srgb')
    .composite([{ input: paper, blend: 'multiply' }])
    .jpeg({ quality: 88 })
    .toBuffer();
  return { bytes, ending: 'jpg' };
}

/** As a phone keeps it, held upright. */
async function largePhoto(signature) {
  const { bytes } = await photo(signature);
  const large = sharp(bytes).resize({ width: 4000 }).jpeg({ quality: 85 }).withMetadata({ orientation: 8 });
  return { bytes: await large.toBuffer(), ending: 'jpg' };
}
