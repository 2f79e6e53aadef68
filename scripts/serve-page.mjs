// The built service on a store of its own, for programs that look at its page.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @returns the process, and the address of the page with the key of this start */
export async function servePage(store, actor) {
  const options = `dist/cli/main.js serve --port 0 --log-level silent --actor ${actor}`.split(' ');
  const child = spawn(process.execPath, [...options, '--store', store], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /http:\S+#key=\S+/.exec(line)?.[0];
    if (address === undefined) continue;
    child.stdout.resume();
    return { address, child };
  }
  throw new Error('The service ended before it told its address.');
}
