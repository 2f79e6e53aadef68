/** The page without a mouse, without colours, on a phone and on a wide screen, and what axe finds in it. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { base64, forged, genuine } from '../server/signatures.js';
import { goTo, usePage } from './page.js';

const { service, open } = usePage();

/** A store with something in every view. */
beforeAll(async () => {
  const references = async (hand: number) =>
    (await Promise.all([1, 2, 3].map((number) => genuine(hand, number)))).map((image) => ({ image: base64(image) }));
  await service().ask('enrolWriter', { body: { writer: '4711', name: 'Ada', references: await references(5) } });
  const stray = { image: base64(await genuine(9, 1)) };
  await service().ask('addReferences', { params: { writer: '4711' }, body: { references: [stray] } });
  const policy = { schema: 'countersign/policy@1', name: 'all', title: 'All to people', bands: [{ review: 'always' }] };
  await service().ask('addPolicy', { body: policy });
  await service().ask('activatePolicy', { params: { policy: 'all', version: 1 }, body: {} });
  for (const image of [await genuine(5, 8), await forged(5, 1)]) {
    await service().ask('decide', { body: { signatures: [{ writer: '4711', image: base64(image) }], policy: 'all' } });
  }
}, 300_000);

/** Each with what shows that all of it is there. */
const VIEWS: readonly (readonly [at: string, ready: string])[] = [
  ['#/compare', 'text=The verdict appears here'],
  ['#/writers', 'text=Ada'],
  ['#/writers/4711', 'text=On average they lie'],
  ['#/enrol', 'text=Genuine signatures'],
  ['#/identify', 'text=The nearest is not yet the writer'],
  ['#/review', 'text=The next case is ready.'],
  ['#/evidence', 'text=Skilled forgeries accepted'],
  ['#/jobs', 'text=New job'],
  ['#/audit', 'ol.audit li'],
];

const SCREENS = [
  { width: 360, height: 780, theme: 'light' },
  { width: 360, height: 780, theme: 'dark' },
  { width: 1920, height: 1080, theme: 'light' },
  { width: 1920, height: 1080, theme: 'dark' },
] as const;

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe calls serious or critical. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run()')) as { readonly violations: readonly Violation[] };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Whether something is wider than the screen. */
const overflow = (page: Page) => page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)');

describe.each(SCREENS)('at $width px, $theme', (screen) => {
  it('has no serious finding in any view, and none is wider than the screen', async () => {
    const page = await open(screen);
    for (const [at, ready] of VIEWS) {
      await goTo(page, at);
      await page.locator(ready).first().waitFor();
      expect({ at, findings: await findings(page), overflow: await overflow(page) }).toEqual({
        ...{ at, findings: [], overflow: 0 },
      });
    }
    await goTo(page, '#/compare');
    await page.getByRole('button', { name: 'A forgery that passes' }).click();
    await page.getByText('One over the other').waitFor();
    expect({ findings: await findings(page), overflow: await overflow(page) }).toEqual({ findings: [], overflow: 0 });
    await page.getByRole('group', { name: 'Add references' }).getByRole('button', { name: 'Draw' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
  });
});

describe('by keyboard alone', () => {
  it('one skips to the content, opens and closes a dialog, and is back where one was', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    await expect.poll(() => focused(page)).toBe('To the content');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('MAIN');

    await tabTo(page, 'Draw');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate("document.querySelector('dialog').contains(document.activeElement)")).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('Draw');
  });

  it('one compares an example, looks through the references and moves the slider', async () => {
    const page = await open();
    await tabTo(page, 'Signed by the writer');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Verdict' }).waitFor();
    const slider = page.getByRole('slider', { name: 'From the reference to the questioned signature' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => slider.inputValue()).toBe('0.55');
    await page.getByRole('radio', { name: 'Both' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.getByRole('radio', { name: 'Where they differ' }).isChecked()).toBe(true);
  });

  it('one goes from place to place, and the heading of each has the focus', async () => {
    const page = await open();
    await tabTo(page, 'Writers');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Writers' }).waitFor();
    await expect.poll(() => focused(page)).toBe('Writers');
    await expect.poll(() => page.title()).toBe('Writers · Countersign');
    await page.goBack();
    await page.getByRole('heading', { name: 'Is this the same hand?' }).waitFor();
  });

  it('single keys do nothing once they are switched off', async () => {
    const page = await open({ at: '#/review' });
    await page.getByText('The next case is ready.').waitFor();
    await page.getByRole('switch', { name: 'Shortcuts' }).press('Space');
    await page.getByRole('heading', { name: 'Review' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('1');
    expect(await page.getByText('2 waiting').count()).toBe(1);
    await page.getByRole('button', { name: 'Genuine' }).press('Enter');
    await page.getByRole('button', { name: /Shape, slant and rhythm/ }).press('Enter');
    await page.getByText('1 waiting').waitFor();
  });
});

describe('what a key may do', () => {
  it.each([
    ['verify', ['Compare', 'Writers', 'Evidence', 'Jobs']],
    ['enrol', ['Compare', 'Writers', 'Evidence', 'Jobs']],
    ['review', ['Compare', 'Writers', 'Review', 'Evidence']],
    ['admin', ['Compare', 'Writers', 'Review', 'Evidence', 'Jobs', 'Audit']],
  ] as const)('%s is shown what it may do, and told what it may not', async (role, places) => {
    const page = await open({ role });
    const links = page.getByRole('navigation', { name: 'Places' }).getByRole('link');
    await expect.poll(() => links.allTextContents()).toEqual(places);
    if (role === 'admin') return;
    await goTo(page, '#/audit');
    await page.getByText(`The key of ${role} may do ${role}; this view is for admin.`).waitFor();
  });

  it('with a key that may not compare, this browser is offered for it', async () => {
    const page = await open({ role: 'review' });
    await page.getByText('The service does not with this key').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'In this browser only' }).count()).toBe(1);
  });

  it('without a key one is asked for it, and goes on where one was', async () => {
    const page = await open({ role: null, at: '#/writers' });
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('API key').fill('csk_0000000000000000_nothing');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('KEY_REQUIRED').waitFor();
    await page.getByLabel('API key').fill(service().keys.verify);
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: /4711/ }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('This view asks for a key.').waitFor();
    expect(await page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])')).not.toContain('csk_');
  });
});

describe('preferences', () => {
  it('light or dark follows the system until a person chooses, and then stays', async () => {
    const page = await open({ theme: 'dark' });
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await expect.poll(paper).toBe('rgb(18, 22, 28)');
    await page.getByRole('button', { name: 'Light colours' }).click();
    await expect.poll(paper).toBe('rgb(246, 244, 238)');
    await page.reload();
    await page.getByRole('heading', { name: 'Is this the same hand?' }).waitFor();
    await expect.poll(paper).toBe('rgb(246, 244, 238)');
  });

  it('nothing moves where a person prefers that', async () => {
    const page = await open();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const quick = await page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--quick')");
    expect(quick).toBe('0s');
  });
});

const focused = (page: Page) => page.evaluate('document.activeElement.textContent.trim()');

/** Presses Tab until the element with this text has the focus. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page)) === text) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to "${text}".`);
}
