/** `/settings/keys` and `/authorize`: the keys of the signed-in user, and how a machine logs in with one. */

import { SettingsHead } from "../settings-frame";
import { LoginCard } from "./key-shown";
import { KeysCard } from "./keys-card";

export function KeysSection() {
  return (
    <>
      <SettingsHead title="Keys">
        A key lets a script or a machine work as you. It is shown once; the server stores only its hash.
      </SettingsHead>
      <KeysCard user={null} title="Your keys" />
      <LoginCard />
    </>
  );
}
