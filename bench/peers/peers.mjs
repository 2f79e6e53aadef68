// Runs a peer in a process of its own. What is not installed is skipped, by name; what crashes is an error.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const NO_TORCH = 'PyTorch is not installed: apt-get install python3-torch python3-torchvision';
/** Exit code of the probe where a module is not found: Python's own 1 would hide a torch that is there but broken. */
const ABSENT = 42;
const PROBE = `import sys\ntry: import torch, torchvision\nexcept ModuleNotFoundError: sys.exit(${ABSENT})`;

/**
 * @param request - `task`: 'forward' or 'training-step'; `variant`: 'default' or 'tuned'; `network`: 'standard' or
 *   'countersign'; `batchNorm`: true for batch norm in training mode instead of folded
 * @returns `msPerImage`, one a run, or `skipped` with the reason
 */
export function torchPeer({
  task,
  variant,
  network = 'standard',
  batch,
  size = 224,
  threads,
  runs,
  batchNorm = false,
}) {
  const python = ['/usr/bin/python3', 'python3'].find(hasTorch);
  if (python === undefined) return { skipped: NO_TORCH };
  const flags = flagsOf({ task, variant, network, batch, size, threads, runs });
  return run(python, [here('torch-peer.py'), ...flags, ...(batchNorm ? ['--batch-norm'] : [])]);
}

/** As torchPeer; `forward` is the only task, a thread is a worker with its share of the batch. */
export function tfjsPeer({ network = 'standard', batch, size = 224, threads, runs }) {
  return run(process.execPath, [here('tfjs-wasm.mjs'), ...flagsOf({ network, batch, size, threads, runs })]);
}

function hasTorch(python) {
  const { error, status, stderr } = spawnSync(python, ['-c', PROBE], { encoding: 'utf8' });
  if (error?.code === 'ENOENT' || status === ABSENT) return false;
  if (status === 0) return true;
  throw new Error(`${python} cannot load torch:\n${error?.message ?? stderr}`);
}

function run(command, args) {
  const { error, status, signal, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? status}:\n${stderr}`);
  return JSON.parse(stdout);
}

function flagsOf(values) {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function here(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
