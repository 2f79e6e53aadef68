/** Synthetic signatures to try the comparison on; the build draws them, nobody wrote them. */
import { useState } from 'preact/hooks';
import { Problem } from '../parts/notice.js';
import { type Picture, pictureOf } from '../signature/picture.js';
import { replaceAll } from './comparison.js';
import list from './examples.json';

type Example = (typeof list.examples)[number];

const fileName = ({ writer }: Example, kind: string, index: number) => `signer-${writer}-${kind}-${index}.png`;

export function Examples() {
  const [error, setError] = useState<unknown>();
  const show = async (example: Example) => {
    setError(undefined);
    const [kind, index] = example.questioned as [string, number];
    const names = example.references.map((reference) => fileName(example, 'genuine', reference));
    const [questioned, ...references] = await Promise.all([fileName(example, kind, index), ...names].map(load));
    replaceAll(references, questioned!);
  };
  return (
    <section class="stack close" aria-labelledby="examples">
      <h2 id="examples">Examples</h2>
      <p class="soft small">Synthetic signatures: nobody wrote them.</p>
      <div class="examples">
        {list.examples.map((example) => (
          <button key={example.name} type="button" class="button" onClick={() => show(example).catch(setError)}>
            <img src={`./examples/${fileName(example, ...(example.questioned as [string, number]))}`} alt="" />
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
  return pictureOf(await answer.blob(), name);
}
