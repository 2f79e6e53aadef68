/** The built page in a real Chromium, served by a service with a store of its own. `npm run build` comes before. */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Role } from '../../src/api/operations.js';
import { type TestService, type TestServiceOptions, useService } from '../server/running-service.js';
import { launchChromium } from './chromium.js';

export interface OpenOptions {
  /** Whose key is in the address; null for none. */
  readonly role?: Role | null;
  /** `#/writers` */
  readonly at?: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
}

export interface PageUnderTest {
  readonly service: () => TestService;
  readonly browser: () => Browser;
  /** A new tab of a new visitor; what it complains of fails the test. */
  open(options?: OpenOptions): Promise<Page>;
}

export function usePage(options: TestServiceOptions = {}): PageUnderTest {
  const service = useService({ ...options, clock: () => new Date() }); // as the browser has it
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  beforeAll(async () => {
    expect(existsSync('dist/web/index.html'), 'the page is built: npm run build').toBe(true);
    browser = await launchChromium();
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  return {
    service,
    browser: () => browser,
    async open({ role = 'admin', at = '#/compare', width = 1280, height = 860, theme = 'light' } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // What the service refuses, and a service that is away, the browser logs by itself.
        if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
          complaints.push(message.text());
        }
      });
      const { url, keys } = service();
      await page.goto(role === null ? `${url}/${at}` : `${url}/#key=${keys[role]}`);
      if (role !== null) {
        await page.getByText(role, { exact: true }).waitFor();
        await goTo(page, at);
      }
      return page;
    },
  };
}

/** @param at - `#/writers/4711` */
export async function goTo(page: Page, at: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
}

/** As a file that a person chooses. */
export const png = (buffer: Buffer, name = 'signature.png') => ({ name, mimeType: 'image/png', buffer });
