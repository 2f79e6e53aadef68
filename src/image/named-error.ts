import { CountersignError } from '../core/errors.js';

/** The error of an image that was given as bytes, with the name of the image before it, once. */
export function namedError(name: string, error: CountersignError): CountersignError {
  const message = error.message.includes(name) ? error.message : `${name}: ${error.message}`;
  return new CountersignError(error.code, message, { cause: error, details: { ...error.details, image: name } });
}
