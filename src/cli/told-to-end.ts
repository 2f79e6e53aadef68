/** How a process that runs on and on is told to end. */

/** As a shell says it of SIGINT. */
const EXIT_KILLED = 130;

export function endAtOnce(): never {
  process.exit(EXIT_KILLED);
}

/** SIGTERM or SIGINT; a second one ends the process at once. */
export function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        for (const again of ['SIGTERM', 'SIGINT'] as const) process.once(again, endAtOnce);
        resolve();
      });
    }
  });
}
