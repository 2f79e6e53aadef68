/** The configuration of the service: the file, over it the environment, over it the flags. */
import { readFile } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';
import { type ServiceConfig, serviceConfigSchema } from '../server/config.js';
import { readSchemaEnvironment } from './schema-environment.js';
import { parseSchemaFlags } from './schema-flags.js';

/** @throws CountersignError INVALID_ARGUMENT that names each value that does not fit */
export async function readServiceConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, unknown>>,
): Promise<ServiceConfig> {
  const ofFile = file === undefined ? {} : await readConfigFile(file);
  const ofEnvironment = readSchemaEnvironment(serviceConfigSchema, env);
  return parseSchemaFlags(serviceConfigSchema, flags, over(ofFile, ofEnvironment));
}

async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  const refused = (reason: string, cause?: unknown) =>
    new CountersignError('INVALID_ARGUMENT', `--config: ${file} ${reason}.`, { cause });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw refused(`cannot be read: ${(cause as NodeJS.ErrnoException).code}`, cause);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refused(`is no JSON: ${(cause as Error).message}`, cause);
  }
  if (isObject(parsed)) return parsed;
  throw refused('holds no JSON object');
}

/** What is in both comes from `upper`. */
function over(lower: Record<string, unknown>, upper: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(upper).map(([key, value]) => {
    const below = lower[key];
    return [key, isObject(value) && isObject(below) ? over(below, value) : value];
  });
  return { ...lower, ...Object.fromEntries(entries) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
