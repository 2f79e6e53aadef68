/** A thread of the pool: owns sessions, does one request at a time, in the order of arrival. */
import { parentPort } from 'node:worker_threads';
import type { SharedTensor, WorkerReply, WorkerRequest } from './messages.js';
import { openSession, type Session, type TensorData } from './session.js';

if (parentPort === null) throw new Error('worker.js runs only as a worker thread');
const port = parentPort;

interface OpenModel {
  readonly session: Session;
  /** Inputs that lie in shared memory, each with a copy of its own: the runtime takes no shared memory. */
  readonly shared: readonly { readonly name: string; readonly source: Float32Array; readonly copy: TensorData }[];
}
const models = new Map<number, OpenModel>();

const view = ({ shape, buffer, offset }: SharedTensor): Float32Array =>
  new Float32Array(
    buffer,
    offset,
    shape.reduce((product, size) => product * size, 1),
  );

async function handle(request: WorkerRequest): Promise<Record<string, TensorData>> {
  switch (request.kind) {
    case 'open': {
      const shared = request.shared.map((tensor) => {
        const source = view(tensor);
        return { name: tensor.name, source, copy: { data: new Float32Array(source.length), shape: tensor.shape } };
      });
      models.set(request.session, { session: await openSession(request.model), shared });
      return {};
    }
    case 'run': {
      const { session, shared } = models.get(request.session)!;
      const names = [...request.outputs, ...request.addTo.map(({ name }) => name)];
      for (const { source, copy } of shared) copy.data.set(source);
      const inputs = Object.fromEntries(shared.map(({ name, copy }) => [name, copy]));
      const results = await session.run({ ...inputs, ...request.feeds }, names);
      for (const target of request.addTo) {
        const sum = view(target);
        const term = results[target.name]!.data;
        for (let i = 0; i < sum.length; i++) sum[i]! += term[i]!;
      }
      return Object.fromEntries(request.outputs.map((name) => [name, results[name]!]));
    }
    case 'close': {
      for (const { session } of models.values()) await session.close();
      models.clear();
      port.close();
      return {};
    }
  }
}

let queue: Promise<void> = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  queue = queue.then(async () => {
    let reply: WorkerReply;
    try {
      reply = { outputs: await handle(request) };
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    if (request.kind !== 'close') port.postMessage(reply);
  });
});
