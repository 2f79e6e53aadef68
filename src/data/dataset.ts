/** What a signature is: made by the writer, or by somebody else who practised it (a skilled forgery). */
export type SampleKind = 'genuine' | 'forged';

/** One signature image of a data set. */
export interface Sample {
  /** Unique in the data set and stable across machines: the path relative to the root, with forward slashes. */
  readonly id: string;
  /** The person whose signature this is, or whose signature it imitates. Splits are disjoint in it. */
  readonly writer: string;
  /** What a pair must share to be called genuine: the writer, or the writer and the name written. */
  readonly identity: string;
  readonly kind: SampleKind;
  /** Where the file lies. */
  readonly path: string;
}

/** A data set: every sample of one folder, sorted by id. */
export interface Dataset {
  /** Name of the set, for example `bhsig260-hindi`, `cedar`; the folder's name for plain layouts. */
  readonly name: string;
  /** The layout that was recognised, for example `bhsig260`, `plain`, `csv`. */
  readonly layout: string;
  readonly root: string;
  readonly samples: readonly Sample[];
}
