/** Synthetic signatures to try the comparison on; the build draws them, nobody wrote them. */
import { useState } from 'preact/hooks';
import { Problem } from '../parts/notice.js';
import { type Picture, pictureOf } from '../signature/picture.js';
import { replaceAll, type Truth } from './comparison.js';
import list from './examples.json' with { type: 'json' };

interface Example {
  readonly name: string;
  readonly writer: number;
  readonly references: readonly number[];
  readonly questioned: readonly [Truth, number];
}

const EXAMPLES = list.examples as unknown as readonly Example[];

const fileName = ({ writer }: Example, kind: Truth, index: number) => `signer-${writer}-${kind}-${index}.png`;

export function Examples() {
  const [error, setError] = useState<unknown>();
  const show = async (example: Example) => {
    setError(undefined);
    const [truth] = example.questioned;
    const names = example.references.map((reference) => fileName(example, 'genuine', reference));
    const [questioned, ...references] = await Promise.all(
      [fileName(example, ...example.questioned), ...names].map(load),
    );
    replaceAll(references, questioned!, truth);
  };
  return (
    <section aria-label="Examples">
      <div class="examples">
        <span class="soft small">Try</span>
        {EXAMPLES.map((example) => (
          <button key={example.name} type="button" class="button" onClick={() => show(example).catch(setError)}>
            <img src={`./examples/${fileName(example, ...example.questioned)}`} alt="" />
            {example.name}
          </button>
        ))}
      </div>
      {error !== undefined && <Problem error={error} />}
    </section>
  );
}

async function load(name: string): Promise<Picture> {
  const answer = await fetch(`./examples/${name}`);
  if (!answer.ok) throw new Error(`The example ${name} could not be loaded.`);
  return pictureOf(await answer.blob(), name.replace(/^signer-\d+-|\.png$/g, ''));
}
