/** Figures of this installation. */
import { readStatistics } from '../../store/statistics.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

const DAYS = 30;
/** The first instant that a store holds. */
const EARLIEST_MS = Date.parse('0001-01-01');

export function statisticsRoutes(add: AddOperation, { store }: ServiceContext): void {
  add('statistics', ({ query: { to, from }, by }) => {
    const end = to ?? by.at;
    const begin = from ?? new Date(Math.max(EARLIEST_MS, end.getTime() - DAYS * 86_400_000));
    return readStatistics(store.database, { from: begin, to: end });
  });
}
