import { fileURLToPath } from 'node:url';

const inPackage = (file: string) => fileURLToPath(new URL(`../../models/${file}`, import.meta.url));

/** Models that the package carries, by the name that stands for their file. */
export const PACKAGE_MODELS = {
  /** In 8-bit integers, 3 MB: on a server and in a browser alike. */
  default: inPackage('countersign.onnx'),
  /** The same weights but for the head, which see each image as it is and, mirrored, one and a half times as large: three times the work, and on writers of random splits more accurate. */
  careful: inPackage('countersign-careful.onnx'),
  /** Ends at 1 / 16 of the size: half the file and less time than `default`, 512 numbers instead of 256; a little less accurate on forgeries, more on other writers' signatures. */
  small: inPackage('countersign-small.onnx'),
  /** That of `default` before it was quantised: what training starts from; half as fast, and by half a point more accurate on Bengali's list, within its interval. */
  float: inPackage('countersign-float.onnx'),
  /** Learnt from synthetic signatures alone, which are no data set's: less accurate, and free of any set's terms. */
  synthetic: inPackage('countersign-synthetic.onnx'),
} as const;

/** @param model - a name of `PACKAGE_MODELS`, or a file; none is the default */
export function modelFileOf(model: string = 'default'): string {
  return Object.hasOwn(PACKAGE_MODELS, model) ? PACKAGE_MODELS[model as keyof typeof PACKAGE_MODELS] : model;
}
