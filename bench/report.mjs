// What every bench prints beside its figures.
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Processor, cores, memory and versions on one line. */
export function machine() {
  const version = (name) =>
    JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
  const [cpu] = cpus();
  return (
    `${cpu.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node ${process.versions.node}, ` +
    `onnxruntime-node ${version('onnxruntime-node')}, sharp ${version('sharp')}`
  );
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `min - max`. */
export function spread(values) {
  return `${Math.min(...values).toFixed(1)} - ${Math.max(...values).toFixed(1)}`;
}

/** `2.9 x`. */
export function ratio(value) {
  return `${value.toFixed(2)} x`;
}

/** Prints one row of a table. */
export function row(...cells) {
  console.log(cells.join(' | '));
}
