// The table of training options: docs/training-options.md from the schema of the training configuration.
import { flagOf, optionsOf, row, typeOf } from './options-table.mjs';

/** Parts of the configuration with flags of their own prefix; everything else is of the training itself. */
const GROUPS = [
  ['Training', undefined, 'Batches, loss, optimiser, validation. The flag is the name of the field.'],
  ['Network', 'architecture', 'Two networks of one architecture have the same parameters. Part of the model file.'],
  ['Preparation of the image', 'preprocess', 'What decides the pixels that the network sees. Part of the model file.'],
  [
    'Augmentation',
    'augment',
    'Random changes of the prepared images in training. 0 turns one off; there are no flips.',
  ],
];

/**
 * @param schema - trainConfigSchema
 * @returns the text of docs/training-options.md
 */
export function renderTrainingOptions(schema) {
  const options = optionsOf(schema);
  const sections = GROUPS.map(([title, prefix, about]) => {
    const rows = options.filter(({ path }) => (path.length > 1 ? path[0] : undefined) === prefix).map(rowOf);
    return `## ${title}\n\n${about}\n\n| flag | type | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const INTRODUCTION = `# Training options

<!-- Written by scripts/write-docs.mjs from trainConfigSchema: change the schema, then run \`npm run docs\`. -->

Every field of the training configuration is a flag of \`countersign train\`. The resolved configuration, defaults
included, is saved in \`run.json\` and in the checkpoint, and \`--resume\` takes it from there. In the library it is
the \`config\` of \`runTraining\`, made by \`trainConfigSchema.parse({ ... })\`: \`--augment-shear 0.1\` is there
\`augment: { shear: 0.1 }\`. Network and preparation are those of the model that training starts from, so the defaults of
\`architecture\` and \`preprocess\` here are those of a start from imported weights (in the library: \`inheritedConfig\`). What a run reads and writes (\`--data\`, \`--init\`, \`--out\` and others) is in the
[guide](guide.md#train-on-your-own-data).
`;

function rowOf({ path, node }) {
  return row(`\`${flagOf(path)}\``, typeOf(node), `\`${JSON.stringify(node.default)}\``, node.description ?? '');
}
