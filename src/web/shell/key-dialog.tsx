import { useState } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/notice.js';
import { dismissSignIn, signIn, signInWanted } from '../state/sign-in.js';

/** Asks for a key. It lies over the view, which stays as it is. */
export function KeyDialog() {
  if (signInWanted.value === undefined) return null;
  return <Ask why={signInWanted.value} />;
}

function Ask({ why }: { readonly why: string }) {
  const [given, setGiven] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    await signIn(given.trim()).catch(setError);
    setBusy(false);
  };
  return (
    <Dialog title="Sign in" onClose={dismissSignIn}>
      <p>{why}</p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          label="API key"
          type="password"
          value={given}
          onValue={setGiven}
          placeholder="csk_…"
          required
          hint="`countersign serve` prints an address with a key in it; `countersign keys create` makes others. It is kept in this tab only."
        />
        {error !== undefined && <Problem error={error} />}
        <div class="actions">
          <Button onPress={dismissSignIn}>Not now</Button>
          <Button kind="primary" submit busy={busy}>
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
