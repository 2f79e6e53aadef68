/** Numbers on the command line. */
import { CountersignError } from '../core/errors.js';

/** Reads a number; what is none, or nothing at all, is refused. */
export function parseNumber(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw new CountersignError('INVALID_ARGUMENT', `${flag}: expected a number; "${text}" came.`);
  };
}

/** Reads a seed: a whole number from 0 up. */
export function parseSeed(flag: string): (text: string) => number {
  return (text) => {
    const value = parseNumber(flag)(text);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new CountersignError('INVALID_ARGUMENT', `${flag}: expected a whole number from 0 up; ${text} came.`);
  };
}

/** Reads a number of things: a whole number from 1 up. */
export function parseCount(flag: string, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? '1 up' : `1 to ${most}`;
  return (text) => {
    const value = parseNumber(flag)(text);
    if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
    throw new CountersignError('INVALID_ARGUMENT', `${flag}: expected a whole number from ${range}; ${text} came.`);
  };
}

/** Reads a rate: `1%`, or as a share `0.01`; above 0 and below 1. */
export function parseRate(flag: string): (text: string) => number {
  return (text) => {
    const [, number, sign] = /^\s*([\d.]+)\s*(%?)\s*$/.exec(text) ?? [];
    const value = Number(number ?? Number.NaN) / (sign === '%' ? 100 : 1);
    if (value > 0 && value < 1) return value;
    throw new CountersignError('INVALID_ARGUMENT', `${flag}: expected a rate like 1% or 0.01; "${text}" came.`);
  };
}
