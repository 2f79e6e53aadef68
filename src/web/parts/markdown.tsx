/** The Markdown of our own documents: headings, paragraphs, lists, tables, code, bold. Text stays text: no markup gets in. */
import type { ComponentChildren } from 'preact';
import { ScrollArea } from './scroll-area.js';

export function Markdown({ text }: { readonly text: string }) {
  return <div class="markdown stack">{blocksOf(text).map(renderBlock)}</div>;
}

type Block = readonly string[];

/** Lines between empty ones; code between its fences is one block, empty lines and all. */
function blocksOf(text: string): Block[] {
  const blocks: string[][] = [[]];
  let inCode = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) inCode = !inCode;
    if (line.trim() === '' && !inCode) blocks.push([]);
    else blocks.at(-1)!.push(line);
  }
  return blocks.filter(({ length }) => length > 0);
}

function renderBlock(lines: Block) {
  const [first] = lines as [string];
  const heading = /^(#{1,3}) (.*)/.exec(first);
  if (heading) return renderHeading(heading[1]!.length, inline(heading[2]!));
  if (first.startsWith('```')) {
    return (
      <ScrollArea label="Commands">
        <pre class="small">
          <code>{lines.filter((line) => !line.startsWith('```')).join('\n')}</code>
        </pre>
      </ScrollArea>
    );
  }
  if (first.startsWith('- ')) {
    return (
      <ul>
        {itemsOf(lines).map((item) => (
          <li key={item}>{inline(item)}</li>
        ))}
      </ul>
    );
  }
  if (first.startsWith('|')) return renderTable(lines);
  return <p>{inline(lines.join(' '))}</p>;
}

/** A level lower than in the document: the view has the first one. */
function renderHeading(level: number, text: ComponentChildren) {
  return level === 1 ? <h2>{text}</h2> : <h3>{text}</h3>;
}

/** A line that does not begin an item belongs to the one before it. */
function itemsOf(lines: Block): string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (line.startsWith('- ')) items.push(line.slice(2));
    else items.push(`${items.pop()} ${line.trim()}`);
  }
  return items;
}

function renderTable([head, , ...rows]: Block) {
  return (
    <ScrollArea label="Table">
      <table>
        <thead>
          <tr>
            {cellsOf(head!).map((cell) => (
              <th key={cell} scope="col">
                {inline(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              {cellsOf(row).map((cell, i) => (
                <td key={`${i} ${cell}`}>{inline(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

const cellsOf = (row: string) =>
  row
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

function inline(text: string): ComponentChildren {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, i) => {
    if (part.startsWith('`')) return <code key={i}>{part.slice(1, -1)}</code>;
    if (part.startsWith('**')) return <strong key={i}>{plain(part.slice(2, -2))}</strong>;
    return plain(part);
  });
}

/** As `renderModelCard` masks names. */
const plain = (text: string) =>
  text
    .replace(/\\([\\`*|[\]])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
