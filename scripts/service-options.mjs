// The table of the service's options: docs/service-options.md from the schema of its configuration.
import { optionsOf, row, shownFlagOf, typeOf } from './options-table.mjs';

/**
 * @param schema - serviceConfigSchema
 * @param variableOf - a field's path to the name of its environment variable
 * @returns the text of docs/service-options.md
 */
export function renderServiceOptions(schema, variableOf) {
  const rows = optionsOf(schema).map(({ path, node }) =>
    row(
      `\`${path.join('.')}\``,
      `\`${shownFlagOf(path, node)}\``,
      `\`${variableOf(path)}\``,
      typeOf(node),
      `\`${JSON.stringify(node.default)}\``,
      node.description ?? '',
    ),
  );
  return `${INTRODUCTION}\n${rows.join('\n')}\n`;
}

const INTRODUCTION = `# Options of the service

<!-- Written by scripts/write-docs.mjs from serviceConfigSchema: change the schema, then run \`npm run docs\`. -->

\`countersign serve\` takes them from a JSON file (\`--config\`), over it from the environment, over it from flags. In the
file \`limits.bodyBytes\` is \`{ "limits": { "bodyBytes": 1000000 } }\`; lists are JSON in the environment and in flags too:
\`COUNTERSIGN_CORS='["https://bank.example"]'\`. What is not known or does not fit is refused before anything is opened. Where the
store lies and with which key is [the store's](store.md#where-it-lies): \`--store\`, \`DATABASE_URL\`, \`COUNTERSIGN_KEY_FILE\`.

| in the file | flag | environment | type | default | meaning |
| --- | --- | --- | --- | --- | --- |`;
