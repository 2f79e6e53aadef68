/** The audit log. */
import { type AuditVerification, verifyAuditLog } from '../../store/audit-log.js';
import { listAudit } from '../../store/audit-rows.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';
import { SharedRuns } from '../shared-runs.js';

export function auditRoutes(add: AddOperation, { store: { database, keys } }: ServiceContext): void {
  const verifying = new SharedRuns<AuditVerification>();

  add('listAudit', ({ query }) => listAudit(database.orm, query));

  add('verifyAudit', () => verifying.join('all', undefined, () => verifyAuditLog(database, keys)));
}
