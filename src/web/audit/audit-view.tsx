/** The log of what was done: to look through, and to be checked for changes. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../api/schemas.js';
import { Button } from '../parts/button.js';
import { SelectField, TextField } from '../parts/field.js';
import { Moment } from '../parts/moment.js';
import { Notice, Problem } from '../parts/notice.js';
import { Pages } from '../parts/pages.js';
import { SignedIn } from '../shell/signed-in.js';
import { announce } from '../state/announce.js';
import { ask } from '../state/service.js';
import { ACTIONS } from './actions.js';
import './audit.css';
import { ViewHeading } from '../shell/arrival.js';

export function AuditView() {
  return (
    <>
      <div class="view-head">
        <ViewHeading>Audit log</ViewHeading>
      </div>
      <SignedIn roles={['admin']}>
        <div class="stack">
          <Verification />
          <Rows />
        </div>
      </SignedIn>
    </>
  );
}

function Verification() {
  const [result, setResult] = useState<AnswerOf<'verifyAudit'>>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const checked = await ask((service) => service.verifyAudit());
      setResult(checked);
      announce(verifiedInWords(checked));
    } catch (reason) {
      setResult(undefined);
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="card stack" aria-label="Verification">
      <div class="row apart">
        <p>
          Each row is chained to the one before it: a row that was changed, removed or moved breaks the chain, and this
          finds it.
        </p>
        <Button kind="primary" icon="check" busy={busy} onPress={verify}>
          {busy ? 'Verifying' : 'Verify the log'}
        </Button>
      </div>
      {error !== undefined && <Problem error={error} />}
      {result && (
        <Notice tone={result.valid ? 'info' : 'problem'}>
          <p>
            <strong>{verifiedInWords(result)}</strong>
          </p>
          {!result.valid && <p>Compare the log with a backup: what is behind this row cannot be relied on.</p>}
        </Notice>
      )}
    </section>
  );
}

function verifiedInWords(result: AnswerOf<'verifyAudit'>): string {
  if (!result.valid) return `Row ${result.seq} is not as it was written: ${result.problem}.`;
  return `${result.rows} ${result.rows === 1 ? 'row' : 'rows'}, all as they were written.`;
}

function Rows() {
  const [action, setAction] = useState('');
  const [subject, setSubject] = useState('');
  const query = {
    ...(action !== '' && { action }),
    ...(subject.trim() !== '' && { subject: subject.trim() }),
  };
  return (
    <section class="stack" aria-label="Rows">
      <div class="filters">
        <SelectField
          label="What was done"
          value={action}
          onValue={setAction}
          options={[
            { value: '', text: 'Anything' },
            ...Object.entries(ACTIONS).map(([value, text]) => ({ value, text })),
          ]}
        />
        <TextField
          label="To whom or what"
          value={subject}
          onValue={setSubject}
          placeholder="Id of a writer, case, decision"
        />
      </div>
      <Pages
        about={JSON.stringify(query)}
        ask={(cursor, signal) => ask((service) => service.listAudit({ query: { ...query, ...cursor } }), signal)}
        empty="No row is like that."
      >
        {(rows) => (
          <ol class="plain audit card">
            {rows.map((row) => (
              <li key={row.seq}>
                <details>
                  <summary>
                    <span class="soft seq">{row.seq}</span>
                    <span class="what">{ACTIONS[row.action] ?? row.action}</span>
                    <span>{row.result}</span>
                    <span class="soft">{row.actor}</span>
                    <span class="soft when">
                      <Moment at={row.at} />
                    </span>
                  </summary>
                  <pre class="small">{JSON.stringify(row, null, 2)}</pre>
                </details>
              </li>
            ))}
          </ol>
        )}
      </Pages>
    </section>
  );
}
