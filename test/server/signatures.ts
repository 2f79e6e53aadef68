/** Synthetic signatures as PNG files: the same for the same numbers. */
import { Rng } from '../../src/core/rng.js';
import { forge, signGenuine } from '../../src/data/synthetic/sign.js';
import { encodePng } from '../../src/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../../src/data/synthetic/writer.js';

/** @param writer - from 1 */
export function genuine(writer: number, number: number): Promise<Buffer> {
  return encodePng(signGenuine(createWriter(new Rng(1), writer), new Rng(`genuine ${writer} ${number}`)));
}

export function forged(writer: number, number: number): Promise<Buffer> {
  return encodePng(forge(createWriter(new Rng(1), writer), new Rng(`forged ${writer} ${number}`)));
}

/** As JSON carries it. */
export const base64 = (image: Uint8Array) => Buffer.from(image).toString('base64');
