/**
 * Pictures of every view, of synthetic signatures alone, into out/screenshots; with --docs also those that the documents show,
 * into docs/images. `npm run build` comes before; it needs Debian's chromium.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { createClient } from '../dist/api/client.js';
import { doSampleWork } from './sample-work.mjs';
import { servePage } from './serve-page.mjs';

const OUT = 'out/screenshots';
const IMAGES = 'docs/images';

/** Shown in the documents, by the name of their screenshot. */
const FOR_DOCS = { 'compare-desk-light': 'compare', 'review-desk-light': 'review', 'evidence-desk-dark': 'evidence' };

const SCREENS = {
  phone: { width: 360, height: 780 },
  desk: { width: 1280, height: 860 },
  wide: { width: 1920, height: 1080 },
};

const example = (name) => (page) => page.getByRole('button', { name, exact: true }).click();

/** What is shown, what is done before, and what shows that all of it is there. */
const VIEWS = [
  ['first', '#/compare', () => undefined, 'text=The verdict appears here'],
  ['compare', '#/compare', example('A forgery'), 'text=have no stroke of the other near'],
  ['accepted', '#/compare', example('A forgery that passes'), 'text=have no stroke of the other near'],
  ['writers', '#/writers', () => undefined, 'text=Ada Lindqvist'],
  ['writer', '#/writers/4721', () => undefined, 'text=On average they lie'],
  ['enrol', '#/enrol', () => undefined, 'text=Genuine signatures'],
  ['identify', '#/identify', () => undefined, 'text=The nearest is not yet the writer'],
  ['review', '#/review', () => undefined, 'text=have no stroke of the other near'],
  ['evidence', '#/evidence', () => undefined, 'text=Where people found the network wrong'],
  ['jobs', '#/jobs', () => undefined, 'text=Cheques of Monday'],
  ['job', '#/jobs', (page) => page.getByText('Cheques of Monday').click(), 'text=Results, CSV'],
  ['audit', '#/audit', () => undefined, 'ol.audit li'],
];

const folder = mkdtempSync(join(tmpdir(), 'countersign-screenshots-'));
mkdirSync(OUT, { recursive: true });
const { address, child } = await servePage(join(folder, 'store'), 'you');
try {
  const { origin, hash } = new URL(address);
  await doSampleWork(createClient({ baseUrl: origin, key: hash.replace('#key=', '') }));
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    for (const colorScheme of ['light', 'dark']) await takeAll(browser, screen, viewport, colorScheme);
  }
  await browser.close();
  if (process.argv.includes('--docs')) await writeImages();
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(folder, { recursive: true });
}

async function takeAll(browser, screen, viewport, colorScheme) {
  for (const [name, at, prepare, ready] of VIEWS) {
    const page = await browser.newPage({ viewport, colorScheme });
    await page.goto(address);
    await page.getByText('you', { exact: true }).waitFor();
    await page.evaluate(`location.hash = '${at}'`);
    await prepare(page);
    await page.locator(ready).last().waitFor();
    await page.evaluate('scrollTo(0, 0)');
    await page.waitForLoadState('networkidle');
    const path = join(OUT, `${name}-${screen}-${colorScheme}.png`);
    await page.screenshot({ path });
    console.log(path);
    await page.close();
  }
}

/** Few colours suffice, and keep them small. */
async function writeImages() {
  mkdirSync(IMAGES, { recursive: true });
  for (const [taken, name] of Object.entries(FOR_DOCS)) {
    const { size } = await sharp(join(OUT, `${taken}.png`))
      .png({ palette: true, colours: 128 })
      .toFile(join(IMAGES, `${name}.png`));
    console.log(`${IMAGES}/${name}.png: ${(size / 1024).toFixed(0)} KiB`);
  }
}
