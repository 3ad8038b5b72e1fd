/** Fields with their label above, and below a hint or what is wrong. */

import { type ComponentProps, type ReactNode, useEffect, useId, useState } from "react";
import { withHyphens } from "@/data/text/program-text";

interface FieldProps {
  readonly label: ReactNode;
  /** The id of the control that it labels. */
  readonly htmlFor?: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  /** Of the line below, for `aria-describedby`. */
  readonly noteId?: string;
  readonly children: ReactNode;
}

/** A label, a control of any kind, and a line below. */
export function Field({ label, htmlFor, hint, error, noteId, children }: FieldProps) {
  return (
    <div className="fld">
      {htmlFor ? <label htmlFor={htmlFor}>{label}</label> : <span className="lb">{label}</span>}
      {children}
      {error ? (
        <div className="errt" id={noteId} role="alert">
          {error}
        </div>
      ) : (
        hint && (
          <div className="hint" id={noteId}>
            {hint}
          </div>
        )
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<ComponentProps<"input">, "onChange" | "value"> {
  readonly label: string;
  readonly value: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly isMono?: boolean;
  /** No label in sight; screen readers still say it. */
  readonly isBare?: boolean;
  /** After the text, inside the box: a unit, a key. */
  readonly end?: ReactNode;
  onChange(value: string): void;
}

export function TextField(props: TextFieldProps) {
  const { label, value, hint, error, isMono, isBare, end, onChange, ...rest } = props;
  const id = useId();
  const noteId = `${id}-note`;
  const box = (
    <div className={`inp ${error ? "err" : ""} ${rest.disabled ? "off" : ""}`}>
      <input
        id={id}
        type="text"
        className={isMono ? "mono" : ""}
        aria-label={isBare ? label : undefined}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? noteId : undefined}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
      {end}
    </div>
  );
  if (isBare && !error && !hint) return box;
  return (
    <Field label={isBare ? "" : label} htmlFor={id} hint={hint} error={error} noteId={noteId}>
      {box}
    </Field>
  );
}

interface NumberFieldProps {
  readonly label: string;
  /** Null: left open. */
  readonly value: number | null;
  readonly placeholder?: string;
  readonly isBare?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly isWhole?: boolean;
  onChange(value: number | null): void;
}

/** A number, or nothing; taken when the focus leaves or with Enter, and only if it is one. */
export function NumberField(props: NumberFieldProps) {
  const { label, value, placeholder, isBare, min = Number.NEGATIVE_INFINITY } = props;
  const { max = Number.POSITIVE_INFINITY, isWhole, onChange } = props;
  const [text, setText] = useState(value === null ? "" : String(value));
  useEffect(() => setText(value === null ? "" : String(value)), [value]);
  const number = text.trim() === "" ? null : Number(withHyphens(text));
  const error =
    number === null
      ? null
      : Number.isNaN(number) || (isWhole && !Number.isInteger(number))
        ? `${isWhole ? "Not a whole number" : "Not a number"}: ${text}`
        : number < min || number > max
          ? `Between ${min} and ${max}`
          : null;
  const take = () => {
    if (error === null && number !== value) onChange(number);
  };
  return (
    <TextField
      label={label}
      value={text}
      isBare={isBare}
      placeholder={placeholder}
      inputMode="decimal"
      error={error}
      onChange={setText}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") setText(value === null ? "" : String(value));
      }}
    />
  );
}
