/** From enrolment to a verdict and back to training data, as somebody at a keyboard does it. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { synthesizeDataset } from '../../src/data/synthetic/synthesize-dataset.js';
import { countersign, expectFailure, type Outcome } from '../command-line.js';
import { writeTinyModel } from '../tiny-network.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const POLICY = {
  schema: 'countersign/policy@1',
  name: 'cheques',
  title: 'Cheques',
  currency: 'EUR',
  bands: [{ review: 'always' }],
};

describe('countersign with a store', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-decisions-'));
  const at = (...names: string[]) => path.join(folder, ...names);
  const image = (kind: string, number: number) => at('signatures', 'w0001', kind, `00${number}.png`);
  const run = (...args: string[]) => countersign([...args, '--store', at('store')]);
  const withModel = (...args: string[]) => run(...args, '--model', at('model.onnx'));
  const json = ({ stdout, stderr }: Outcome) => {
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    await synthesizeDataset(at('signatures'), { writers: 1, genuine: 5, forged: 2, seed: 5 });
    writeTinyModel(at('model.onnx'), 2);
    const references = [1, 2, 3].map((number) => image('genuine', number));
    const enrolled = await withModel('enrol', '4711', ...references);
    expect(enrolled.exitCode, enrolled.stderr).toBe(0);
    writeFileSync(at('cheques.json'), JSON.stringify(POLICY));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('decides, asks a person, and hands out what people said', async () => {
    const accepted = await withModel('verify', '--writer', '4711', image('genuine', 4), '--actor', 'teller');
    expect(accepted.exitCode, accepted.stderr).toBe(0);
    expect(accepted.stdout).toMatch(/^ACCEPT {2}As close as .*\n/);
    expect(accepted.stdout).toMatch(/^writer {7}4711: accept$/m);

    const valid = await countersign(['policy', 'validate', at('cheques.json'), '--model', 'default']);
    expect(valid.stdout).toContain('which the model can keep');
    const added = await run('policy', 'add', at('cheques.json'));
    expect(added.stdout).toBe('cheques 1: stored. It decides nothing until it is activated.\n');
    const amount = ['--policy', 'cheques', '--amount', '1000.50', '--currency', 'EUR'];
    const early = await withModel('verify', '--writer', '4711', image('genuine', 4), ...amount);
    expectFailure(early, 'POLICY_NOT_APPLICABLE', 7);
    expect((await withModel('policy', 'activate', 'cheques')).exitCode).toBe(0);
    expect((await run('policy', 'list')).stdout).toMatch(/^cheques {3}1 {9}20.*Cheques$/m);
    expect(json(await run('policy', 'show', 'cheques', '--json'))).toMatchObject({ version: 1, document: POLICY });

    const signer = ['--signer', `4711=${image('forged', 1)}`];
    const review = await withModel('verify', ...signer, ...amount, '--json');
    expect(review.exitCode).toBe(4);
    const { signatures } = json(review);
    expect(json(review)).toMatchObject({ decision: 'review', policy: { name: 'cheques', version: 1 } });

    expect((await run('review', 'list')).stdout).toContain(signatures[0].caseId);
    const claimed = json(await run('review', 'claim', '--json', '--actor', 'ada'));
    expect(claimed).toMatchObject({ id: signatures[0].caseId, claimedBy: 'ada', network: { amount: '1000.50' } });
    const verdict = ['--verdict', 'forged', '--reason', 'shaky'];
    const other = await run('review', 'decide', claimed.id, ...verdict, '--actor', 'bob');
    expectFailure(other, 'CASE_NOT_AVAILABLE', 7);
    const decided = await run('review', 'decide', claimed.id.slice(0, 8), ...verdict, '--actor', 'ada');
    expect(decided.stdout).toMatch(/: forged\n[\s\S]*person {7}ada, .*: forged\. shaky$/m);
    const exported = await run('review', 'export', '--out', at('pairs'));
    expect(exported.stdout).toContain('3 genuine and 1 forged signatures of 1 writers');
    expect(readdirSync(at('pairs'))).toContain('manifest.csv');

    const found = json(await withModel('identify', image('genuine', 5), '--json'));
    expect(found.candidates).toMatchObject([{ writer: '4711', referenceCount: 3 }]);
  });

  it('refuses a mixture of the ways to ask, nobody who asks, and what is out of range', async () => {
    for (const args of [
      ['verify', image('genuine', 4)],
      ['verify', '--writer', '1', '-r', 'a.png', 'b.png'],
      ['verify', '--writer', '1'],
      ['verify', '--writer', '1', 'b.png', '--threshold', '1'],
      ['verify', '--writer', '1', 'b.png', '--amount', '1,50', '--currency', 'EUR'],
      ['verify', '--signer', '4711'],
      ['verify', '--writer', '1', 'b.png', '--actor', ' '],
      ['identify', 'b.png', '--limit', '101'],
      ['review', 'claim', '--minutes', '1441'],
    ]) {
      expectFailure(await run(...args), 'INVALID_ARGUMENT', 2);
    }
  });
});
