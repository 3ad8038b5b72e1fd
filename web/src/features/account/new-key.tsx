/**
 * Gives the person at the browser another key, after asking: the old one ends.
 */

import { useState } from "react";
import { changeKey } from "@/api/account";
import { Button } from "@/ui/controls/button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt } from "@/ui/overlays/toasts";
import { HiddenKey } from "./hidden-key";

export function NewKey({ account }: { account: string }) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const make = async () => {
    setBusy(true);
    await attempt("Could not make a new key", async () => {
      setKey(await changeKey(account));
    });
    setBusy(false);
    setAsking(false);
  };
  return (
    <>
      {key !== null && (
        <>
          <p role="status">Your new key. Copy it now: it is not shown again.</p>
          <HiddenKey text={key} />
        </>
      )}
      <div className="key-act">
        <Button onClick={() => setAsking(true)}>Make a new key</Button>
      </div>
      <ConfirmDialog
        title="Make a new key?"
        isOpen={isAsking}
        action="Make a new key"
        isBusy={isBusy}
        onClose={() => setAsking(false)}
        onConfirm={() => void make()}
      >
        <p className="dialog-text">
          Your old key stops working at once. Running scripts that use it can send nothing more until they get
          the new one; what they log stays on their machines, and <span className="mono">weft sync</span>{" "}
          sends it. Other browsers are signed out. Your projects stay.
        </p>
      </ConfirmDialog>
    </>
  );
}
