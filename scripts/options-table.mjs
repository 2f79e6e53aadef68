// What the tables of options have in common: fields of a zod schema as rows of Markdown.
import { z } from 'zod';

/** @returns the fields that have no fields of their own, as `{ path, node }`: names, and JSON Schema */
export function optionsOf(schema) {
  return leaves(z.toJSONSchema(schema, { io: 'input' }), []);
}

function leaves(node, path) {
  if (node.properties === undefined) return [{ path, node }];
  return Object.entries(node.properties).flatMap(([key, child]) => leaves(child, [...path, key]));
}

/** `--augment-shear` */
export function flagOf(path) {
  return `--${path.map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)).join('-')}`;
}

/** What is on by default is switched off: `--no-metrics`. */
export function shownFlagOf(path, node) {
  const flag = flagOf(path);
  return node.type === 'boolean' && node.default === true ? flag.replace('--', '--no-') : flag;
}

export function row(...cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** `integer, 1 to 256`, `number above 0`, `triplet, soft-margin or contrastive`, `text`. */
export function typeOf(node) {
  if (node.enum !== undefined) return `${node.enum.slice(0, -1).join(', ')} or ${node.enum.at(-1)}`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'array' || node.type === 'object') return `JSON ${node.type}`;
  if (node.type === 'string') return 'text';
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = node;
  const most = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const end = below === undefined ? (most === undefined ? '' : `, at most ${most}`) : `, below ${below}`;
  if (above !== undefined) return `${node.type} above ${above}${end}`;
  if (below === undefined && most !== undefined) return `${node.type}, ${minimum} to ${most}`;
  return `${node.type}, ${minimum} or more${end}`;
}
