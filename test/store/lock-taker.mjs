/** Takes the lock of a folder when told to (a line on stdin), says how that went, and keeps it until stdin ends. */
import { createInterface } from 'node:readline';
import { lockFolder } from '../../dist/store/folder-lock.js';

console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  try {
    lockFolder(process.argv[2]);
    console.log('taken');
  } catch (error) {
    console.log(error.code);
  }
}
