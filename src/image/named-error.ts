import { CountersignError } from '../core/errors.js';

/** The error of an image that was given as bytes, with the name of the image before it, once. */
export function namedError(name: string, error: CountersignError): CountersignError {
  const message = error.message.includes(name) ? error.message : `${name}: ${error.message}`;
  return new CountersignError(error.code, message, { cause: error, details: { ...error.details, image: name } });
}

/** For what is told in the place of an image. @returns the error, where it is of an image. @throws any other */
export function refusedImage(error: unknown): CountersignError {
  if (error instanceof CountersignError && error.code.startsWith('IMAGE_')) return error;
  throw error;
}
