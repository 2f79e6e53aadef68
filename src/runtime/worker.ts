/** A thread of the pool: owns sessions, does one request at a time, in the order of arrival. */
import { parentPort, workerData } from 'node:worker_threads';
import { elementCount } from '../nn/graph.js';
import { INK_INPUT, imageBatch } from './image-batch.js';
import { integerProductsAreCut } from './integer-products.js';
import type { EmbeddedFile, RunRequest, SharedTensor, WorkerReply, WorkerRequest } from './messages.js';
import { addInTurn, loseTurn } from './ordered-sum.js';
import { withOwnWeights } from './own-weights.js';
import { type Device, openSession, type Session, type TensorData, type Tensors } from './session.js';
import { describeError } from './worker-error.js';

if (parentPort === null) throw new Error('worker.js runs only as a worker thread');
const port = parentPort;
const { device } = workerData as { readonly device: Device };

/** Weights as sessions take them: copies of what lies in shared memory (the runtime takes none) and what is made of it. */
interface LocalWeights {
  readonly sources: readonly { readonly from: Float32Array; readonly to: Float32Array }[];
  readonly prepare: Session | undefined;
  readonly tensors: Record<string, TensorData>;
}

interface OpenModel {
  readonly session: Session;
  readonly weights: LocalWeights | undefined;
  /** Memory that outputs are written into before they are added to a sum: one flat array, and views of it. */
  terms?: { readonly flat: Float32Array; readonly outputs: Tensors };
}

const models = new Map<number, OpenModel>();
const weightSets = new Map<number, LocalWeights>();

const viewOf = ({ shape, buffer, offset }: SharedTensor) => new Float32Array(buffer, offset, elementCount(shape));

async function handle(request: WorkerRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open': {
      const weights = request.weights === undefined ? undefined : weightSets.get(request.weights)!;
      const exactIntegers = await integerProductsAreCut(openSession);
      const model = exactIntegers ? await withOwnWeights(request.model) : request.model;
      const session = await openSession(model, { exactIntegers, device });
      models.set(request.session, { session, weights });
      return undefined;
    }
    case 'describe': {
      const { inputs, outputs } = models.get(request.session)!.session;
      return { inputs, outputs };
    }
    case 'openWeights':
      weightSets.set(request.weights, await openWeights(request.prepare, request.shared));
      return undefined;
    case 'readWeights':
      return readWeights(weightSets.get(request.weights)!);
    case 'run':
      return run(models.get(request.session)!, request);
    case 'embedFiles':
      return (await import('./embed-files.js')).embedFiles(models.get(request.session)!.session, request);
    case 'call': {
      const { default: job } = (await import(request.module)) as { default: (input: unknown) => unknown };
      return job(request.input);
    }
    case 'close': {
      for (const { session } of models.values()) await session.close();
      for (const { prepare } of weightSets.values()) await prepare?.close();
      port.close();
      return undefined;
    }
  }
}

async function openWeights(prepare: Uint8Array | undefined, shared: readonly SharedTensor[]): Promise<LocalWeights> {
  const tensors: Record<string, TensorData> = {};
  const sources = shared.map((tensor) => {
    const from = viewOf(tensor);
    const to = new Float32Array(from.length);
    tensors[tensor.name] = { data: to, shape: tensor.shape };
    return { from, to };
  });
  const weights = { sources, prepare: prepare && (await openSession(prepare)), tensors };
  for (const { from, to } of sources) to.set(from);
  if (weights.prepare) Object.assign(tensors, await weights.prepare.run(inputsFrom(weights, weights.prepare)));
  return weights;
}

async function readWeights(weights: LocalWeights): Promise<void> {
  const { sources, prepare, tensors } = weights;
  for (const { from, to } of sources) to.set(from);
  if (prepare === undefined) return;
  const outputs = Object.fromEntries(prepare.outputNames.map((name) => [name, tensors[name]!]));
  await prepare.runInto(inputsFrom(weights, prepare), outputs);
}

function inputsFrom({ tensors }: LocalWeights, session: Session): Tensors {
  return Object.fromEntries(
    session.inputNames.filter((name) => tensors[name] !== undefined).map((name) => [name, tensors[name]!]),
  );
}

async function run(model: OpenModel, request: RunRequest): Promise<Record<string, TensorData>> {
  const { outputs = [], addTo } = request;
  if (addTo === undefined) return model.session.run(inputsOf(model, request), outputs);
  try {
    const inputs = inputsOf(model, request);
    if (model.terms === undefined) model.terms = layOut(await model.session.run(inputs));
    else await model.session.runInto(inputs, model.terms.outputs);
    addInTurn(addTo, model.terms.flat);
  } catch (error) {
    loseTurn(addTo);
    throw error;
  }
  return {};
}

function inputsOf({ session, weights }: OpenModel, { images, input = INK_INPUT, batch, feeds }: RunRequest): Tensors {
  return {
    ...(weights && inputsFrom(weights, session)),
    ...(images && { [input.name]: imageBatch(images, batch, input) }),
    ...feeds,
  };
}

/** Tensors one behind the other in one array, and as views of it. */
function layOut(tensors: Tensors): NonNullable<OpenModel['terms']> {
  const flat = new Float32Array(Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0));
  let offset = 0;
  const outputs = Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape }]) => {
      const view = flat.subarray(offset, offset + data.length);
      view.set(data);
      offset += data.length;
      return [name, { data: view, shape }];
    }),
  );
  return { flat, outputs };
}

/** Memory that this thread needs no more: it is handed over, not copied. */
function inkOf(files: unknown): ArrayBuffer[] {
  return (files as EmbeddedFile[]).flatMap((file) => ('ink' in file ? [file.ink.data.buffer as ArrayBuffer] : []));
}

let queue: Promise<void> = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  queue = queue.then(async () => {
    let reply: WorkerReply;
    try {
      reply = { result: await handle(request) };
    } catch (error) {
      reply = { error: describeError(error) };
    }
    if (request.kind === 'close') return;
    try {
      port.postMessage(reply, request.kind === 'embedFiles' && 'result' in reply ? inkOf(reply.result) : []);
    } catch (error) {
      port.postMessage({ error: describeError(error) } satisfies WorkerReply); // what a job gave cannot be cloned
    }
  });
});
