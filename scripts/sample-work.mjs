/** Gives a service something to show: writers, a policy, decisions and cases, all of synthetic signatures. */
import { Rng } from '../dist/core/rng.js';
import { forge, signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';

const NAMES = ['Ada Lindqvist', 'Bela Horvath', 'Chiara Moretti', 'Dara Okafor', 'Emil Sørensen', 'Fatou Diallo'];

const POLICY = {
  schema: 'countersign/policy@1',
  name: 'cheques',
  title: 'Cheques over the counter',
  currency: 'EUR',
  minimumReferences: 3,
  bands: [
    { upTo: '1000', far: 0.2, frr: 0.1, casesFor: ['review', 'reject'] },
    { review: 'always', twoPerson: true },
  ],
};

const root = new Rng(1);

/** @returns a PNG of the signature that `countersign synthesize --seed 1` makes under that number */
export async function signature(writer, kind, index) {
  const signer = createWriter(root, writer);
  const rng = root.fork(`signatures ${writer}`).fork(`${kind} ${index}`);
  return new Blob([await encodePng(kind === 'genuine' ? signGenuine(signer, rng) : forge(signer, rng))]);
}

/** @param client - of `createClient`, with a key of an administrator */
export async function doSampleWork(client) {
  await client.addPolicy({ body: POLICY });
  await client.activatePolicy({ params: { policy: POLICY.name, version: 1 }, body: {} });
  for (const [i, name] of NAMES.entries()) await enrol(client, { writer: `${4711 + i}`, name, hand: i + 3, count: 4 });
  await enrol(client, { writer: '4720', name: 'Gustav Weiss', hand: 9, count: 2 });
  const stray = [await signature(8, 'forged', 5)];
  await enrol(client, { writer: '4721', name: 'Hana Kobayashi', hand: 8, count: 4, others: stray });
  for (const [i] of NAMES.entries()) {
    const [writer, hand] = [`${4711 + i}`, i + 3];
    await decide(client, writer, await signature(hand, 'genuine', 10), '240');
    await decide(client, writer, await signature(hand, 'genuine', 11), i % 2 === 0 ? '12500' : '80.50');
    await decide(client, writer, await signature(hand, 'forged', 2 + i), '640');
  }
  await doJob(client);
}

/** Two dozen signatures in one go. */
async function doJob(client) {
  const job = await client.createJob({ body: { kind: 'verify', title: 'Cheques of Monday' } });
  const params = { job: job.id };
  const items = [];
  for (let i = 0; i < 24; i++) {
    const image = await signature(3 + (i % NAMES.length), i % 4 === 3 ? 'forged' : 'genuine', 12 + i);
    items.push({ writer: `${4711 + (i % NAMES.length)}`, image, label: `scan-${i + 1}.png` });
  }
  await client.addJobItems({ params, body: { items } });
  await client.startJob({ params });
}

async function enrol(client, { writer, name, hand, count, others = [] }) {
  const own = await Promise.all(Array.from({ length: count }, (_, i) => signature(hand, 'genuine', i + 1)));
  const references = [...own, ...others].map((image) => ({ image }));
  await client.enrolWriter({ body: { writer, name, references } });
}

function decide(client, writer, image, amount) {
  const body = { signatures: [{ writer, image }], policy: POLICY.name, amount, currency: POLICY.currency };
  return client.decide({ body });
}
