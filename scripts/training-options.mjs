// The table of training options: docs/training-options.md from the schema of the training configuration.
import { z } from 'zod';

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
  const options = leaves(z.toJSONSchema(schema, { io: 'input' }), []);
  const sections = GROUPS.map(([title, prefix, about]) => {
    const rows = options.filter(({ path }) => (path.length > 1 ? path[0] : undefined) === prefix).map(row);
    return `## ${title}\n\n${about}\n\n| flag | type | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const INTRODUCTION = `# Training options

<!-- Written by scripts/write-docs.mjs from trainConfigSchema: change the schema, then run \`npm run docs\`. -->

Every field of the training configuration is a flag of \`countersign train\`. The resolved configuration, defaults
included, is saved in \`run.json\` and in the checkpoint, and \`--resume\` asks for the same one. In the library it is
the \`config\` of \`runTraining\`, made by \`trainConfigSchema.parse({ ... })\`: \`--augment-shear 0.1\` is there
\`augment: { shear: 0.1 }\`. What a run reads and writes (\`--data\`, \`--init\`, \`--out\` and others) is in the
[guide](guide.md#train-on-your-own-data).
`;

function leaves(node, path) {
  if (node.properties === undefined) return [{ path, node }];
  return Object.entries(node.properties).flatMap(([key, child]) => leaves(child, [...path, key]));
}

function row({ path, node }) {
  const flag = path.map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)).join('-');
  const cells = [`\`--${flag}\``, type(node), `\`${JSON.stringify(node.default)}\``, node.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** `integer, 1 to 256`, `number above 0`, `triplet, soft-margin or contrastive`. */
function type(node) {
  if (node.enum !== undefined) return `${node.enum.slice(0, -1).join(', ')} or ${node.enum.at(-1)}`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'array' || node.type === 'object') return `JSON ${node.type}`;
  const { minimum, maximum, exclusiveMinimum: above } = node;
  const most = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (above !== undefined) return `${node.type} above ${above}${most === undefined ? '' : `, at most ${most}`}`;
  return `${node.type}, ${most === undefined ? `${minimum} or more` : `${minimum} to ${most}`}`;
}
