/** The audit log. */
import { verifyAuditLog } from '../../store/audit-log.js';
import { listAudit } from '../../store/audit-rows.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function auditRoutes(add: AddOperation, { store: { database, keys } }: ServiceContext): void {
  add('listAudit', ({ query }) => listAudit(database.orm, query));

  add('verifyAudit', () => verifyAuditLog(database, keys));
}
