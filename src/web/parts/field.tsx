import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with the value, as a sentence. */
  readonly wrong?: string | undefined;
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: 'text' | 'password' | 'date' | 'search' | 'datetime-local' | undefined;
  readonly required?: boolean | undefined;
  readonly placeholder?: string | undefined;
  readonly inputMode?: 'decimal' | 'text' | undefined;
  readonly maxLength?: number | undefined;
}

export function TextField({ label, hint, wrong, value, onValue, type = 'text', ...rest }: TextFieldProps) {
  const { required, placeholder, inputMode, maxLength } = rest;
  return (
    <Labelled label={label} hint={hint} wrong={wrong}>
      {(attributes) => (
        <input
          {...attributes}
          class="input"
          {...({ type } as { readonly type: 'text' })} // each type has its own list of attributes; these fit all
          value={value}
          required={required}
          placeholder={placeholder}
          inputMode={inputMode}
          maxLength={maxLength}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

export interface Option {
  readonly value: string;
  readonly text: string;
}

export function SelectField({
  label,
  hint,
  value,
  onValue,
  options,
}: FieldProps & {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly options: readonly Option[];
}) {
  return (
    <Labelled label={label} hint={hint}>
      {(attributes) => (
        <select {...attributes} class="input" value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

interface Attributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

function Labelled({
  label,
  hint,
  wrong,
  children,
}: FieldProps & { readonly children: (attributes: Attributes) => ComponentChildren }) {
  const id = useId();
  const described = [...(hint ? [`${id}-hint`] : []), ...(wrong ? [`${id}-wrong`] : [])].join(' ') || undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': wrong === undefined ? undefined : true })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {wrong && (
        <p class="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
    </div>
  );
}

/** One of few: radio buttons, so that arrow keys move between them. */
export function Choices<Value extends string>({
  label,
  value,
  onValue,
  options,
}: {
  readonly label: string;
  readonly value: Value;
  readonly onValue: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
}) {
  const name = useId();
  return (
    <div class="choices" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onValue(option.value)}
          />
          {option.text}
        </label>
      ))}
    </div>
  );
}

export function Switch({
  on,
  onChange,
  children,
}: {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button type="button" class="switch" role="switch" aria-checked={on} onClick={() => onChange(!on)}>
      <span class="track" aria-hidden="true">
        <span class="thumb" />
      </span>
      <span>{children}</span>
    </button>
  );
}
