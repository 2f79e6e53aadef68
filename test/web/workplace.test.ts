/** Writers, review, evidence and audit on the page, from an empty store. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS } from '../../src/web/audit/actions.js';
import { embeddersOf } from '../jobs/items.js';
import { base64, forged, genuine } from '../server/signatures.js';
import { goTo, png, usePage } from './page.js';

const { service, open } = usePage();

const own = (writer: number, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => genuine(writer, i + 1)));
const csv = (text: string) => ({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const region = (page: Page, name: string) => page.getByRole('region', { name });

/** By the API: what is not under test. */
async function enrolled(writer: string, hand: number, count = 3): Promise<void> {
  const references = (await own(hand, count)).map((image) => ({ image: base64(image) }));
  await service().ask('enrolWriter', { body: { writer, references } });
}

const POLICY: { readonly name: string; readonly bands: readonly object[] } & Readonly<Record<string, unknown>> = {
  schema: 'countersign/policy@1',
  name: 'everything',
  title: 'Everything to a person',
  bands: [{ review: 'always' }],
};

async function activated(policy: typeof POLICY): Promise<void> {
  await service().ask('addPolicy', { body: policy });
  await service().ask('activatePolicy', { params: { policy: policy.name, version: 1 }, body: {} });
}

async function decided(writer: string, image: Buffer, policy: string): Promise<void> {
  await service().ask('decide', { body: { signatures: [{ writer, image: base64(image) }], policy } });
}

describe('writers', () => {
  it('are enrolled with several references, found again, and led back to by a link', async () => {
    const page = await open({ role: 'enrol', at: '#/writers' });
    await page.getByText('No writer is enrolled yet.').waitFor();
    await page.getByRole('link', { name: 'Enrol a writer' }).click();
    await page.getByLabel('Number').fill('47/11');
    await page.getByLabel('Name, if you like').fill('Ada');
    await page
      .getByLabel('Files of references')
      .setInputFiles((await own(1, 3)).map((buffer, i) => png(buffer, `${i}.png`)));
    await page.getByRole('button', { name: 'Enrol with 3' }).click();
    await page.getByRole('heading', { name: 'Writer 47/11' }).waitFor();
    await page.getByText('3 references. Enrolled').waitFor();
    await expect.poll(() => page.getByRole('img', { name: /^Reference \d$/ }).count()).toBe(3);
    await region(page, 'Do they agree?').getByText('On average they lie').waitFor();

    const writer = await service().ask('getWriter', { params: { writer: '47/11' } });
    expect(writer).toMatchObject({ name: 'Ada', state: 'ready' });

    await page.goBack();
    await page.getByRole('heading', { name: 'Enrol a writer' }).waitFor();
    await goTo(page, '#/writers');
    await page.getByLabel('Number or name').fill('ad');
    await page.getByRole('link', { name: /47\/11 Ada 3 references Ready/ }).click();
    await page.getByRole('heading', { name: 'Writer 47/11' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Writer 47/11' }).waitFor();
  });

  it('what was entered is kept while one looks elsewhere, and after a refusal', async () => {
    await enrolled('4712', 2);
    const page = await open({ role: 'enrol', at: '#/enrol' });
    await page.getByLabel('Number').fill('4712');
    await page.getByLabel('Files of references').setInputFiles(png(await genuine(2, 7)));
    await goTo(page, '#/writers');
    await page.getByRole('heading', { name: 'Writers' }).waitFor();
    await goTo(page, '#/enrol');
    await page.getByRole('button', { name: 'Enrol with 1' }).click();
    await page.getByRole('alert').getByText('WRITER_EXISTS').waitFor();
    await page.getByLabel('Number').fill('4713');
    await page.getByRole('button', { name: 'Enrol with 1' }).click();
    await page.getByText('1 of 3 references.').first().waitFor();
  });

  it('a doubtful reference says why, and counts once it is confirmed, until it is retired', async () => {
    await enrolled('4714', 4, 4);
    const page = await open({ role: 'enrol', at: '#/writers/4714' });
    await page.getByLabel('Files of references').setInputFiles(png(await genuine(9, 1)));
    const doubtful = page.getByRole('listitem').filter({ hasText: 'Doubtful' });
    await doubtful.getByText("It does not fit the writer's other references").waitFor();
    await doubtful.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('5 references.').first().waitFor();
    await page.getByText('Confirmed by enrol.').waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Confirmed by' })
      .getByRole('button', { name: 'Retire' })
      .click();
    await page.getByText('4 references.').first().waitFor();
  });

  it('a signature is decided on by a policy, written down, and its writer identified', async () => {
    await enrolled('4715', 5);
    await activated(POLICY);
    const page = await open({ at: '#/writers/4715' });
    await region(page, 'Decisions').getByText('Nothing was decided yet.').waitFor();
    await page.getByLabel('Files of the questioned signature').setInputFiles(png(await genuine(5, 8)));
    await page.getByLabel('Policy').selectOption('everything');
    await page.getByRole('button', { name: 'Decide, and write it down' }).click();
    await region(page, 'Is this theirs?')
      .getByText('The policy leaves every signature of this band to a person.')
      .waitFor();
    await region(page, 'Decisions').getByText('waits for a person').waitFor();

    await goTo(page, '#/identify');
    await page.getByLabel('Files of the signature').setInputFiles(png(await genuine(5, 9)));
    await page.getByRole('link', { name: /4715/ }).waitFor();
    expect(await page.getByRole('region', { name: 'Candidates' }).getByRole('link').first().textContent()).toContain(
      '4715',
    );
  });
});

describe('the review', () => {
  it('is done with two keys a case, the next one ready behind it', async () => {
    const { items } = await service().ask('listCases');
    expect(items.length).toBe(1); // of the test before
    for (const number of [10, 11]) await decided('4715', await genuine(5, number), 'everything');
    await decided('4715', await forged(5, 1), 'everything');
    const page = await open({ role: 'review', at: '#/review' });
    await page.getByText('4 waiting').waitFor();
    await page.getByText('The next case is ready.').waitFor();
    await page.getByRole('img', { name: 'Questioned signature', exact: true }).waitFor();

    await page.keyboard.press('g');
    await page.keyboard.press('1');
    await page.getByText('3 waiting').waitFor();
    await page.keyboard.press('f');
    const words = page.getByLabel('Or in your own words');
    await words.fill('the loop is drawn the other way round');
    await words.press('Enter');
    await page.getByText('2 waiting').waitFor();
    await page.getByText('The next case is ready.').waitFor();
    await page.getByRole('button', { name: 'Give it back' }).click();
    await page.getByText('No other case is waiting.').waitFor();
    await page.keyboard.press('u');
    await page.keyboard.press('3');
    await page.getByText('Nothing waits for you').waitFor();

    const decidedCases = (await service().ask('listCases', { query: { state: 'decided' } })).items;
    expect(decidedCases.map(({ outcome }) => outcome)).toEqual(['genuine', 'forged', 'inconclusive']);
    expect(decidedCases[1]!.verdicts[0]!.reason).toBe('the loop is drawn the other way round');
    expect((await service().ask('listCases')).items.map(({ state }) => state)).toEqual(['released']);
  });

  it('where two people must agree, waits for another, and gives back what is not decided', async () => {
    await activated({ ...POLICY, name: 'two', bands: [{ review: 'always', twoPerson: true }] });
    await decided('4715', await genuine(5, 12), 'two');
    const first = await open({ role: 'review', at: '#/review' });
    await first.getByText('The next case is ready.').waitFor();
    await first.getByRole('button', { name: 'Give it back' }).click(); // the one of the test before
    await first.getByText('Two people have to say the same.').waitFor();
    await first.keyboard.press('g');
    await first.keyboard.press('1');
    await first.getByText('Nothing waits for you').waitFor();

    const second = await open({ at: '#/review' });
    await second.getByText('The next case is ready.').waitFor();
    await second.getByRole('button', { name: 'Give it back' }).click();
    await second.getByText('One has spoken').waitFor();
    expect(await second.getByRole('main').textContent()).not.toContain('as in the references');
    await goTo(second, '#/audit');
    const holders = async () => (await service().ask('listCases')).items.map(({ claimedBy }) => claimedBy);
    await expect.poll(holders).toEqual([null, null]);
  });

  it('takes no case twice, however quick the hands are', async () => {
    for (const number of [13, 14]) await decided('4715', await genuine(5, number), 'everything');
    const page = await open({ at: '#/review' });
    await page.getByText('The next case is ready.').waitFor();
    const claimed: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/claim')) claimed.push(request.postDataJSON().case);
    });
    let look: () => void = () => undefined;
    const looked = new Promise<void>((resolve) => {
      look = resolve;
    });
    await page.route('**/v1/cases?*', async (route) => {
      await looked;
      await route.continue();
    });
    for (const onDesk of ['No other case is waiting.', 'Looking for a case']) {
      await page.getByRole('button', { name: 'Give it back' }).click();
      await page.getByText(onDesk).waitFor();
    }
    look();
    await page.getByText('The next case is ready.').waitFor();
    expect(claimed).toHaveLength(2);
    expect(new Set(claimed).size).toBe(2);
  });
});

describe('jobs', () => {
  beforeAll(() => service().jobs.work({ embedders: embeddersOf(service().embedder) }));

  it('verify what a table names, tell how far they are and what came of it', async () => {
    const page = await open({ role: 'verify', at: '#/jobs' });
    await page.getByText('There was no bulk work yet.').waitFor();
    await page.getByRole('button', { name: 'New job' }).click();
    await page.getByLabel('Table').setInputFiles(csv('path,writer\na.png,4715,\n'));
    await page.getByText('Line 2: there are 3 fields under 2 columns.').waitFor();
    await page
      .getByLabel('Table')
      .setInputFiles(csv('path,writer\nscans/a.png,4715\nb.png,nobody\nmissing.png,4715\n'));
    await page
      .getByLabel('Pictures')
      .setInputFiles([png(await genuine(5, 20), 'a.png'), png(await genuine(5, 21), 'b.png')]);
    await page.getByText('3 rows, 2 with their picture.').waitFor();
    await page.getByText('No picture for line 4: these are left out.').waitFor();
    await page.getByLabel('Title, if you like').fill('Monday');
    await page.getByRole('button', { name: 'Start with 2' }).click();
    await page.getByRole('heading', { name: 'Monday' }).waitFor();
    await page.getByText('Done').waitFor();
    await page.getByText('2 of 2').waitFor();

    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Results, CSV' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines.length).toBe(3);
    expect(lines[1]).toContain('scans/a.png');
    expect(lines[2]).toContain('WRITER_NOT_FOUND');

    await page.getByRole('link', { name: 'All jobs' }).click();
    await page.getByRole('link', { name: 'Monday' }).waitFor();
  });

  it('are cancelled, and those that were begun are started', async () => {
    const body = { kind: 'verify', title: 'half sent' } as const;
    const [{ id }, other] = await Promise.all([1, 2].map(() => service().ask('createJob', { body })));
    const items = [{ writer: '4715', image: base64(await genuine(5, 22)) }];
    await service().ask('addJobItems', { params: { job: id }, body: { items } });
    const page = await open({ at: `#/jobs/${id}` });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Done').waitFor();
    await goTo(page, `#/jobs/${other!.id}`);
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByText('Cancelled').first().waitFor();
  });
});

describe('evidence and audit', () => {
  it('moves both errors with the threshold, by keys and by the mouse', async () => {
    const page = await open({ at: '#/evidence' });
    const slider = page.getByRole('slider');
    await slider.waitFor();
    const { id } = (await service().ask('listModels')).items.find(({ running }) => running)!;
    const { curves } = await service().ask('modelCurves', { params: { model: id } });
    const expectedAt = async () => curves[0]!.points[Number(await slider.inputValue())]!;
    const shown = await region(page, 'Where to cut').textContent();
    const before = await expectedAt();
    expect(shown).toContain(`${(100 * before.farSkilled.value).toFixed(1)} %`);
    const start = Number(await slider.inputValue());
    await slider.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => slider.inputValue()).toBe(String(start + 5));
    const after = await expectedAt();
    expect(after.distance).toBeGreaterThan(before.distance);
    const cut = region(page, 'Where to cut');
    await expect.poll(() => cut.textContent()).toContain(`${(100 * after.frr.value).toFixed(1)} %`);

    const drawing = page.getByRole('img', { name: /^DET curve/ });
    const box = (await drawing.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.8);
    await page.mouse.up();
    await expect.poll(async () => (await expectedAt()).frr.value).toBeLessThan(after.frr.value);
  });

  it('has the card of the model, and figures of this installation that agree with the store', async () => {
    const page = await open({ at: '#/evidence' });
    await page.getByText('Model card: what it is').click();
    await page.getByRole('heading', { name: 'Intended use' }).waitFor();
    const statistics = await service().ask('statistics');
    const figures = region(page, 'This installation');
    await figures.getByText(String(statistics.decisions.total), { exact: true }).first().waitFor();
    await figures.getByText('Where people found the network wrong').waitFor();
  });

  it('has words for all that was done here', async () => {
    const { items } = await service().ask('listAudit', { query: { limit: 200 } });
    const actions = [...new Set(items.map(({ action }) => action))];
    expect(actions.length).toBeGreaterThan(10);
    expect(actions.filter((action) => ACTIONS[action] === undefined)).toEqual([]);
  });

  it('lists what was done, and verifies that it is as it was written', async () => {
    const page = await open({ at: '#/audit' });
    await page.getByLabel('What was done').selectOption('case.verdict');
    await expect.poll(() => page.locator('ol.audit > li').count()).toBe(4);
    await page.getByRole('button', { name: 'Verify the log' }).click();
    await page
      .getByText(/\d+ rows, all as they were written\./)
      .first()
      .waitFor();
  });
});
