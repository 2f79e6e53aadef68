import { type Command, Option } from 'commander';
import { writeFileAtomic } from '../data/atomic-file.js';
import { inWords } from '../evaluate/likelihood-ratio.js';
import { exportPairs } from '../store/export-pairs.js';
import { readCaseImage } from '../store/read-image.js';
import { type CaseState, findCase, listCases, type ReviewCase, type Verdict } from '../store/review-cases.js';
import { claimCase, decideCase, releaseCase } from '../store/review-queue.js';
import { parseCount } from './number-flag.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { MORE, renderTable } from './table.js';
import { printJson, printResult } from './terminal.js';

const STATES: readonly CaseState[] = ['open', 'claimed', 'decided', 'released'];
const VERDICTS: readonly Verdict[] = ['genuine', 'forged', 'inconclusive'];
const OWNER_ONLY = 0o600;
/** Nobody holds a case longer than a day. */
const MOST_MINUTES = 1440;

export function addReviewCommand(program: Command): void {
  const review = program.command('review').description('signatures that a person has to look at');

  addStoreFlags(review.command('list').description('cases, the oldest first'))
    .addOption(new Option('--state <state>', 'only these (default: all that wait for a person)').choices(STATES))
    .option('--limit <number>', 'at most', parseCount('--limit'), 50)
    .action(async ({ state, limit, ...flags }: StoreFlags & { readonly state?: CaseState; readonly limit: number }) => {
      const states = state === undefined ? undefined : [state];
      const at = new Date();
      const page = await withStore(flags, ({ database }) => listCases(database.orm, { at, states, limit }));
      if (flags.json) return printJson(page.items);
      if (page.items.length === 0) return printResult('There is no such case.');
      const rows = page.items.map(({ id, createdAt, state: now, claimedBy, writer, network, outcome }) => [
        ...[id, createdAt.toISOString(), claimedBy === null ? now : `${now} by ${claimedBy}`, writer, network.result],
        outcome ?? '-',
      ]);
      printResult(renderTable(['case', 'since', 'state', 'writer', 'network', 'people'], rows));
      if (page.nextCursor !== null) printResult(MORE);
    });

  addStoreFlags(review.command('show').description('one case, and its questioned signature'))
    .argument('<case>', 'its id, or how that begins')
    .option('--image <file>', 'write the questioned signature there')
    .action(async (id: string, { image, ...flags }: StoreFlags & { readonly image?: string }) => {
      const found = await withStore(flags, async (store) => {
        const by = byActor(flags);
        const one = await findCase(store.database.orm, id, by.at);
        if (image !== undefined) {
          const { bytes } = await readCaseImage(store, one.id, by);
          await writeFileAtomic(image, bytes, { mode: OWNER_ONLY });
        }
        return one;
      });
      print(found, flags);
    });

  addStoreFlags(review.command('claim').description('take a case, so that nobody else decides it meanwhile'))
    .argument('[case]', 'its id, or how that begins; without it the oldest that waits')
    .option('--minutes <number>', 'how long', parseCount('--minutes', MOST_MINUTES), 30)
    .action(async (id: string | undefined, { minutes, ...flags }: StoreFlags & { readonly minutes: number }) => {
      const by = byActor(flags);
      const until = new Date(by.at.getTime() + 60_000 * minutes);
      print(await withStore(flags, (store) => claimCase(store, id, until, by)), flags);
    });

  addStoreFlags(review.command('decide').description('say a verdict on a claimed case'))
    .argument('<case>', 'its id, or how that begins')
    .addOption(new Option('--verdict <verdict>', 'what it is').choices(VERDICTS).makeOptionMandatory())
    .requiredOption('--reason <words>', 'why')
    .action(async (id: string, { verdict, reason, ...flags }: DecideFlags) => {
      const said = { verdict, reason };
      print(await withStore(flags, (store) => decideCase(store, id, said, byActor(flags))), flags);
    });

  addStoreFlags(review.command('release').description('give a claimed case back'))
    .argument('<case>', 'its id, or how that begins')
    .action(async (id: string, flags: StoreFlags) => {
      print(await withStore(flags, (store) => releaseCase(store, id, byActor(flags))), flags);
    });

  addStoreFlags(review.command('export').description('what people decided, as training data: images and a manifest'))
    .requiredOption('--out <folder>', 'folder to write, a new one; train --data takes its manifest.csv')
    .action(async ({ out, ...flags }: StoreFlags & { readonly out: string }) => {
      const summary = await withStore(flags, (store) => exportPairs(store, out, byActor(flags)));
      if (flags.json) return printJson(summary);
      const { writers, genuine, forged, leftOut } = summary;
      printResult(
        `${out}/manifest.csv: ${genuine} genuine and ${forged} forged signatures of ${writers} writers; ${leftOut} inconclusive cases left out`,
      );
    });
}

interface DecideFlags extends StoreFlags {
  readonly verdict: Verdict;
  readonly reason: string;
}

function print(one: ReviewCase, { json }: StoreFlags): void {
  if (json) printJson(one);
  else printResult(renderCase(one));
}

function renderCase({
  id,
  state,
  writer,
  claimedBy,
  claimExpiresAt,
  twoPerson,
  createdAt,
  network,
  ...people
}: ReviewCase): string {
  const { document, verdicts, outcome } = people;
  const claim = claimedBy === null ? '' : ` by ${claimedBy} until ${claimExpiresAt!.toISOString()}`;
  return [
    `case         ${id}: ${outcome ?? state}${claim}${twoPerson ? ' (two people must agree)' : ''}`,
    `writer       ${writer}`,
    `since        ${createdAt.toISOString()}`,
    `network      ${network.result}: ${network.reasons[0]}`,
    ...(network.logLikelihoodRatio === null ? [] : [`evidence     ${inWords(network.logLikelihoodRatio)}`]),
    ...(network.policy === null ? [] : [`policy       ${network.policy}`]),
    ...(network.amount === null ? [] : [`amount       ${network.amount} ${network.currency}`]),
    `image        ${network.imageHash}`,
    ...verdicts.map(
      ({ actor, verdict, reason, at }) => `person       ${actor}, ${at.toISOString()}: ${verdict}. ${reason}`,
    ),
    ...(document === null ? [] : renderDocument(document)),
  ].join('\n');
}

function renderDocument({
  mandateDecisionId,
  decision,
  reasons,
  reviewed,
}: NonNullable<ReviewCase['document']>): string[] {
  return [
    `document     ${mandateDecisionId}: ${decision}. ${reasons[0]}`,
    reviewed === null
      ? '             by people: open until all of its signatures that went to a person are decided'
      : `             by people, ${reviewed.at.toISOString()}: ${reviewed.decision}. ${reviewed.reasons[0]}`,
  ];
}
