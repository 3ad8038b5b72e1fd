/** A line of a card of settings: its name with a hint, the control, and perhaps an act at the right. */

import {
  type ChangeEvent,
  type KeyboardEvent,
  type ReactNode,
  type SyntheticEvent,
  useId,
  useState,
} from "react";
import { faultText } from "@/data/text/fault-text";
import { Button } from "@/ui/controls/button";
import "./setting-row.css";

interface SettingRowProps {
  readonly name: string;
  readonly hint?: ReactNode;
  readonly act?: ReactNode;
  readonly children?: ReactNode;
}

export function SettingRow({ name, hint, act, children }: SettingRowProps) {
  return (
    <div className="setting">
      <div>
        {name}
        {hint && <div className="meta">{hint}</div>}
      </div>
      <div className="setting-control">{children}</div>
      {act}
    </div>
  );
}

interface TextSettingProps {
  readonly name: string;
  readonly hint?: ReactNode;
  readonly value: string;
  readonly type?: "text" | "email";
  readonly placeholder?: string;
  /** Those who may not change it read it. */
  readonly isDisabled?: boolean;
  /** Of several lines, which Ctrl+Enter or Save stores. */
  readonly isLong?: boolean;
  readonly note?: ReactNode;
  save(value: string): Promise<unknown>;
}

/** A text that Enter or Save stores, and Escape leaves as it was. */
export function TextSetting(props: TextSettingProps) {
  const { name, hint, value, type = "text", placeholder, isDisabled, isLong, note, save } = props;
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isChanged = typed !== null && typed.trim() !== value;
  const revert = () => {
    setTyped(null);
    setFault(null);
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isChanged || isBusy) return;
    setBusy(true);
    try {
      await save(typed.trim());
      revert();
    } catch (error) {
      setFault(faultText(error));
    }
    setBusy(false);
  };
  if (isDisabled)
    return (
      <SettingRow name={name} hint={hint}>
        <span className={value === "" ? "muted" : "t2 setting-text"} dir="auto">
          {value || placeholder}
        </span>
      </SettingRow>
    );
  const input = {
    id,
    spellCheck: false,
    placeholder,
    dir: "auto",
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": fault ? `${id}-fault` : undefined,
    value: typed ?? value,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      setTyped(event.target.value);
      setFault(null);
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.key === "Escape") revert();
      if (isLong && event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit(event);
    },
  };
  return (
    <form className="setting" onSubmit={(event) => void submit(event)}>
      <div>
        <label htmlFor={id}>{name}</label>
        {hint && <div className="meta">{hint}</div>}
      </div>
      <div className="setting-control">
        {isLong ? (
          <textarea {...input} rows={Math.min(10, input.value.split("\n").length + 1)} />
        ) : (
          <div className={`inp ${fault ? "err" : ""}`}>
            <input {...input} type={type} autoComplete="off" />
          </div>
        )}
        {note}
        {fault && (
          <div className="errt" id={`${id}-fault`} role="alert">
            {fault}
          </div>
        )}
      </div>
      {isChanged && (
        <span className="row">
          <Button look="quiet" isSmall onClick={revert}>
            Cancel
          </Button>
          <Button isSmall type="submit" disabled={isBusy}>
            Save
          </Button>
        </span>
      )}
    </form>
  );
}
