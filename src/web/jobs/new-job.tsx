/** New bulk work: a table, the pictures that it names, and off it goes. */
import { useRef, useState } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { Choices, TextField } from '../parts/field.js';
import { Notice, Problem } from '../parts/notice.js';
import { Progress } from '../parts/progress.js';
import { goTo } from '../routes.js';
import { may } from '../state/session.js';
import { type JobKind, pictureFinder, type Row, rowsOf } from './job-items.js';
import { JobSender } from './job-sender.js';

const KINDS = [
  { value: 'verify', text: 'Verify' },
  { value: 'enrol', text: 'Enrol' },
] as const;

export function NewJob({ onCancel }: { readonly onCancel: () => void }) {
  const kinds = KINDS.filter(({ value }) => may([value]));
  const [kind, setKind] = useState<JobKind>(kinds[0]!.value);
  const [title, setTitle] = useState('');
  const [table, setTable] = useState<{ readonly name: string; readonly text: string }>();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [sent, setSent] = useState<number>();
  const [error, setError] = useState<unknown>();
  const sender = useRef<JobSender>(undefined);

  const read = table && readTable(table.text, kind);
  const rows = read?.rows ?? [];
  const { find, wrong } = findPictures(rows, files);
  const found = rows.flatMap((row) => {
    const image = find(row);
    return image ? [{ row, image }] : [];
  });
  const missing = rows.filter((row) => find(row) === undefined);
  const change = () => {
    sender.current = undefined;
    setError(undefined);
  };
  const send = async () => {
    setError(undefined);
    setSent(0);
    sender.current ??= new JobSender(kind, title.trim() || table!.name, found);
    try {
      goTo({ place: 'job', job: await sender.current.run(setSent) });
    } catch (reason) {
      setError(reason);
      setSent(undefined);
    }
  };

  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (sent === undefined) void send();
      }}
    >
      <div class="row apart">
        <h2>New job</h2>
        <Choices
          label="What to do"
          value={kind}
          options={kinds}
          onValue={(value) => {
            change();
            setKind(value);
          }}
        />
      </div>
      <p class="soft small">
        A CSV file with the columns <code>path</code> and <code>writer</code>
        {kind === 'verify' ? (
          <>
            , and if you like <code>policy</code>, <code>amount</code>, <code>currency</code>
          </>
        ) : (
          <>
            , and if you like <code>name</code>, <code>captured_at</code>, <code>expires_at</code>
          </>
        )}
        ; and the pictures that <code>path</code> names.
      </p>
      <div class="fields">
        <FileField
          label="Table"
          accept=".csv,text/csv"
          onFiles={async ([file]) => {
            change();
            if (file) setTable({ name: file.name, text: await file.text() });
          }}
        />
        <FileField
          label="Pictures"
          accept="image/*"
          multiple
          onFiles={(chosen) => {
            change();
            setFiles(chosen);
          }}
        />
        <TextField label="Title, if you like" value={title} onValue={setTitle} />
      </div>
      {[read?.wrong, wrong].map(
        (what) =>
          what !== undefined && (
            <Notice key={what} tone="problem">
              <p>{what}</p>
            </Notice>
          ),
      )}
      {rows.length > 0 && wrong === undefined && (
        <p>
          {rows.length} {rows.length === 1 ? 'row' : 'rows'}, {found.length} with their picture.
        </p>
      )}
      {files.length > 0 && wrong === undefined && missing.length > 0 && (
        <Notice tone="warning">
          <p>
            No picture for line{' '}
            {missing
              .slice(0, 5)
              .map(({ line }) => line)
              .join(', ')}
            {missing.length > 5 && ` and ${missing.length - 5} more`}: these are left out.
          </p>
        </Notice>
      )}
      {sent !== undefined && <Progress label="Sending the pictures" share={sent} />}
      {error !== undefined && <Problem error={error} />}
      <div class="row">
        <Button kind="primary" submit disabled={found.length === 0} busy={sent !== undefined}>
          {sent !== undefined ? 'Sending' : error === undefined ? `Start with ${found.length}` : 'Go on sending'}
        </Button>
        <Button onPress={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}

function readTable(text: string, kind: JobKind): { readonly rows: readonly Row[]; readonly wrong?: string } {
  try {
    return { rows: rowsOf(text, kind) };
  } catch (error) {
    return { rows: [], wrong: (error as Error).message };
  }
}

/** Where a name stands for several pictures, none is found. */
function findPictures(rows: readonly Row[], files: readonly File[]) {
  try {
    return { find: pictureFinder(rows, files), wrong: undefined };
  } catch (error) {
    return { find: () => undefined, wrong: (error as Error).message };
  }
}

function FileField({
  label,
  accept,
  multiple = false,
  onFiles,
}: {
  readonly label: string;
  readonly accept: string;
  readonly multiple?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <input
        class="input"
        type="file"
        accept={accept}
        multiple={multiple}
        onChange={(event) => onFiles([...(event.currentTarget.files ?? [])])}
      />
    </label>
  );
}
