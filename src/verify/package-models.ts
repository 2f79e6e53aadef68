import { fileURLToPath } from 'node:url';

const inPackage = (file: string) => fileURLToPath(new URL(`../../models/${file}`, import.meta.url));

/** Models that the package carries, by the name that stands for their file. */
export const PACKAGE_MODELS = {
  /** In 8-bit integers, 1.6 MB, 512 numbers: on a server and in a browser alike. */
  default: inPackage('countersign.onnx'),
  /** Of the same training, with its last stage and of two views: sees each image as it is and, mirrored, one and a half times as large; about 1.7 times the work of `default`. */
  careful: inPackage('countersign-careful.onnx'),
  /** `default` without its closer look: half the time, and a little less accurate. */
  small: inPackage('countersign-small.onnx'),
  /** That of `default` before it was quantised: what training starts from. */
  float: inPackage('countersign-float.onnx'),
  /** Learnt from synthetic signatures alone, which are no data set's: less accurate, and free of any set's terms. */
  synthetic: inPackage('countersign-synthetic.onnx'),
} as const;

/** @param model - a name of `PACKAGE_MODELS`, or a file; none is the default */
export function modelFileOf(model: string = 'default'): string {
  return Object.hasOwn(PACKAGE_MODELS, model) ? PACKAGE_MODELS[model as keyof typeof PACKAGE_MODELS] : model;
}
