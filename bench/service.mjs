// The running service under load, over loopback, in a process of its own: `npm run build && node bench/service.mjs`.
//   [--data DIR] [--model NAME] [--seconds 60] [--clients 50] [--rate 20] [--cache 0] [--form]
// --data: a folder of image files, CEDAR's say; without it, synthetic signatures. No embedding is kept between requests
// unless --cache says so: each comparison decodes, prepares and embeds both of its images.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { forge, signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';
import { machine } from './report.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'default' },
    seconds: { type: 'string', default: '60' },
    clients: { type: 'string', default: '50' },
    rate: { type: 'string', default: '20' },
    cache: { type: 'string', default: '0' },
    form: { type: 'boolean', default: false },
  },
});
const [seconds, clients, rate] = [values.seconds, values.clients, values.rate].map(Number);
const IMAGES = 400;

const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const images = values.data === undefined ? await synthesize() : readImages(values.data);
const bodies = images.map((image, i) => bodyOf([image, images[(i + 1) % images.length]]));
const service = await serve();
const agent = new Agent({ keepAlive: true, maxSockets: clients + 10 });

console.log(machine());
console.log(
  `model ${values.model}, ${images.length} images (${values.data === undefined ? 'synthetic' : 'of --data'}), cache ${values.cache}, ${values.form ? 'form' : 'JSON'}`,
);
try {
  for (let i = 0; i < 100; i++) await compare(i); // warms up
  await atRate();
  await sustained();
} finally {
  agent.destroy();
  service.child.kill('SIGTERM');
  await new Promise((resolve) => service.child.once('exit', resolve));
  rmSync(folder, { recursive: true });
}

/** Whatever the answers take, a request goes out every 1 / rate seconds. */
async function atRate() {
  const times = [];
  const asked = [];
  const started = performance.now();
  for (let i = 0; i < rate * Math.min(seconds, 60); i++) {
    await sleep(Math.max(0, started + (i * 1000) / rate - performance.now()));
    asked.push(compare(i).then((ms) => times.push(ms)));
  }
  await Promise.all(asked);
  console.log(`compare at ${rate}/s: p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms, most ${at(times, 1)} ms`);
}

/** Each client asks again as soon as it is answered. */
async function sustained() {
  const [times, health, memory] = [[], [], []];
  let [done, failed, running] = [0, 0, true];
  const started = performance.now();
  const cpuBefore = cpuMs();
  const end = started + seconds * 1000;
  const client = async (from) => {
    for (let i = from; performance.now() < end; i += clients) {
      try {
        times.push(await compare(i));
        done++;
      } catch {
        failed++;
      }
    }
  };
  const watch = async () => {
    while (running) {
      health.push(await ask('GET', '/health'));
      memory.push(residentMiB());
      await sleep(250);
    }
  };
  const watching = watch();
  await Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
  running = false;
  const took = (performance.now() - started) / 1000;
  const cpu = ((cpuMs() - cpuBefore) / done).toFixed(1);
  await watching;
  const each = `${failed} errors, ${cpu} ms of processor time each`;
  console.log(`${clients} clients for ${took.toFixed(0)} s: ${(done / took).toFixed(1)} comparisons/s, ${each}`);
  console.log(`  compare p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms, most ${at(times, 1)} ms`);
  console.log(`  /health meanwhile p50 ${at(health, 0.5)} ms, p99 ${at(health, 0.99)} ms, most ${at(health, 1)} ms`);
  const tenth = Math.ceil(memory.length / 10);
  const mean = (part) => (part.reduce((sum, value) => sum + value, 0) / part.length).toFixed(0);
  console.log(
    `  memory: first tenth ${mean(memory.slice(0, tenth))} MiB, last tenth ${mean(memory.slice(-tenth))} MiB, most ${Math.max(...memory).toFixed(0)} MiB`,
  );
}

/** @returns milliseconds */
function compare(i) {
  const { type, body } = bodies[i % bodies.length];
  return ask('POST', '/v1/compare', type, body);
}

function ask(method, path, type, body) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${service.key}`,
      ...(body && { 'content-type': type, 'content-length': body.length }),
    };
    const asked = request(`${service.url}${path}`, { method, agent, headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200 ? resolve(performance.now() - started) : reject(new Error(response.statusCode)),
      );
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

async function serve() {
  const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const flags = ['--port', '0', '--json', '--model', values.model, '--cache', values.cache];
  const store = ['--store', join(folder, 'store'), '--rate-limit-per-minute', '0', '--log-level', 'warn'];
  const child = spawn(process.execPath, [cli, 'serve', ...flags, ...store], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('}')) break;
  }
  const { url, page } = JSON.parse(text);
  return { child, url, key: page.split('#key=')[1] };
}

/** Of the service, since it began. A tick is 10 ms wherever Node runs on Linux. */
function cpuMs() {
  const fields = readFileSync(`/proc/${service.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function residentMiB() {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'));
  return Number(kib) / 1024;
}

function bodyOf([reference, questioned]) {
  if (!values.form) {
    const [a, b] = [reference, questioned].map((image) => image.toString('base64'));
    return { type: 'application/json', body: Buffer.from(JSON.stringify({ references: [a], questioned: b })) };
  }
  const part = (name, image) => [
    Buffer.from(`--part\r\ncontent-disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n`),
    image,
    Buffer.from('\r\n'),
  ];
  const parts = [...part('references', reference), ...part('questioned', questioned), Buffer.from('--part--\r\n')];
  return { type: 'multipart/form-data; boundary=part', body: Buffer.concat(parts) };
}

function readImages(root) {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(png|jpe?g|tiff?|webp|gif)$/i.test(name),
  );
  const every = Math.max(1, Math.floor(names.length / IMAGES));
  return names
    .filter((_, i) => i % every === 0)
    .slice(0, IMAGES)
    .map((name) => readFileSync(join(root, name)));
}

async function synthesize() {
  const root = new Rng(1);
  const made = [];
  for (let i = 0; i < IMAGES; i++) {
    const writer = createWriter(root, 1 + (i >> 3));
    made.push(await encodePng((i % 2 === 0 ? signGenuine : forge)(writer, new Rng(`image ${i}`))));
  }
  return made;
}

function at(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
}
