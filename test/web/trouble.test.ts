/** The page where the network is slow, where it ends, and where the service goes away in the middle and comes back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../src/index.js';
import { forged, genuine } from '../server/signatures.js';
import { png, usePage } from './page.js';

const { browser, open, service } = usePage();

const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });

async function putBoth(page: Page, own: Buffer, other: Buffer): Promise<void> {
  await page.getByLabel('Files of references').setInputFiles(png(own));
  await page.getByLabel('Files of the questioned signature').setInputFiles(png(other));
}

describe('in this browser only', () => {
  it('loads what it needs when it is asked for, sends nothing from then on, and decides as the library does', async () => {
    const page = await open({ role: null });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('switch', { name: 'In this browser only' }).click();
    await page.getByText('Nothing is sent anywhere.').waitFor({ timeout: 30_000 });
    expect(asked.filter((url) => /\.(wasm|onnx)$/.test(url)).length).toBe(2);
    expect(asked.every((url) => url.startsWith(service().url))).toBe(true);

    await page.context().setOffline(true);
    asked.length = 0;
    const [own, other] = [await genuine(1, 1), await forged(1, 1)];
    await putBoth(page, own, other);
    await verdict(page).waitFor();
    await page.getByText('have no stroke of the other near').last().waitFor();
    expect(asked.filter((url) => !url.startsWith('blob:'))).toEqual([]);

    const verifier = await createVerifier();
    const expected = await verifier.verify([own], other);
    await verifier.close();
    const shown = /distance (\d\.\d+)/.exec((await verdict(page).textContent())!)!;
    expect(Math.abs(Number(shown[1]) - expected.distance!)).toBeLessThan(0.01); // integer kernels round their own way
  });
});

describe('on a slow network', () => {
  it('shows places for what is on its way, and nothing jumps when it is there', async () => {
    const page = await open();
    const session = await page.context().newCDPSession(page);
    const slow = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
    await session.send('Network.emulateNetworkConditions', slow);
    await page.evaluate(`new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shift = (globalThis.shift ?? 0) + value;
    }).observe({ type: 'layout-shift', buffered: true })`);
    await putBoth(page, await genuine(1, 1), await genuine(1, 2));
    await page.getByRole('status').getByText('Comparing').waitFor();
    await verdict(page).waitFor();
    await page.getByText('have no stroke of the other near').last().waitFor();
    expect(await page.evaluate('globalThis.shift ?? 0')).toBeLessThan(0.1);
  });
});

describe('a service that goes away in the middle', () => {
  let folder: string;
  let running: RunningService | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-page-'));
    running = await serve(join(folder, 'store'), 0);
  }, 300_000);
  afterAll(async () => {
    await stop(running);
    await rm(folder, { recursive: true });
  });

  it('is waited for; what was entered stays, and goes on with a new key', async () => {
    const context = await browser().newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const { address, port } = running!;
    await page.goto(address);
    await page.getByRole('link', { name: 'Writers' }).click();
    await page.getByRole('link', { name: 'Enrol a writer' }).click();
    await page.getByLabel('Number').fill('4711');
    await page.getByLabel('Files of references').setInputFiles(png(await genuine(1, 1)));
    await page.getByAltText(/Reference 1, cleaned/).waitFor();

    await stop(running);
    await page.getByRole('button', { name: 'Enrol with 1' }).click();
    await page.getByText('The service does not answer.').waitFor();
    expect(await page.getByLabel('Number').inputValue()).toBe('4711');

    running = await serve(join(folder, 'store'), port);
    // It may have come back by itself meanwhile.
    const again = page.getByRole('button', { name: 'Try now' });
    await again.click({ timeout: 2000 }).catch(() => undefined);
    await page.getByText('The key holds no longer').waitFor();
    await page.getByLabel('API key').fill(new URL(running.address).hash.replace('#key=', ''));
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Writer 4711' }).waitFor();
    await page.getByText('1 of 3 references.').first().waitFor();
    await context.close();
  }, 300_000);
});

interface RunningService {
  readonly process: ChildProcess;
  /** With the key of this start. */
  readonly address: string;
  readonly port: number;
}

/** @param port - 0 for any free one */
async function serve(store: string, port: number): Promise<RunningService> {
  const options = 'dist/cli/main.js serve --workers 1 --log-level silent'.split(' ');
  const args = [...options, '--store', store, '--port', String(port)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\S+#key=\S+/.exec(line)?.[0];
    if (address === undefined) continue;
    child.stdout.resume();
    return { process: child, address, port: Number(new URL(address).port) };
  }
  throw new Error('The service ended before it told its address.');
}

async function stop(running: RunningService | undefined): Promise<void> {
  if (running === undefined || running.process.exitCode !== null) return;
  const ended = once(running.process, 'exit');
  running.process.kill('SIGKILL');
  await ended;
}
